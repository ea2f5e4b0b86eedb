"""RandomResizedCrop, with a separate rectangle for every image."""

from typing import Any

import torch
from torch import Tensor
from torchvision import transforms as v1
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F  # noqa: N812 - torchvision's name for it

from jupyter_classgame.data.addressed_rng import Draws
from jupyter_classgame.data.vectorised.batch_kernel import BatchKernel, mode_of
from jupyter_classgame.data.vectorised.random_boxes import RandomBoxes, draw_boxes, log_ratio_bounds

SMALL = 128
"""Pixels a side up to which two matrix products are faster than single resizes on a CPU."""


def boxes(transform: Any, size: tuple[int, int], draws: Draws, stream: int) -> RandomBoxes:
    """Draw a rectangle for every image; a central one if ten tries fail."""
    height, width = size

    def fits(heights: Tensor, widths: Tensor) -> Tensor:
        return (heights > 0) & (heights <= height) & (widths > 0) & (widths <= width)

    drawn = draw_boxes(size, transform.scale, log_ratio_bounds(transform), fits, draws, stream)
    low, high = min(transform.ratio), max(transform.ratio)
    tall, wide = height, width
    if width / height < low:
        tall = round(width / low)
    elif width / height > high:
        wide = round(height * high)
    central = ((height - tall) // 2, (width - wide) // 2, tall, wide)
    chosen = (drawn.tops, drawn.lefts, drawn.heights, drawn.widths)
    top, left, down, across = (
        torch.where(drawn.found, part, torch.tensor(middle))
        for part, middle in zip(chosen, central, strict=True)
    )
    return RandomBoxes(top, left, down, across, torch.ones_like(drawn.found))


def crop_and_resize(transform: Any, images: Tensor, drawn: RandomBoxes) -> Tensor:
    """Cut every image's rectangle out and resize it to the transform's size."""
    height, width = transform.size
    largest = max(height, width, *images.shape[-2:])
    exact = torch.get_float32_matmul_precision() == "highest"
    if not exact or (images.device.type == "cpu" and largest > SMALL):
        return _one_by_one(transform, images, drawn)
    antialias = bool(transform.antialias)
    device = images.device
    tops, lefts, heights, widths = (
        part.to(device, non_blocking=True)
        for part in (drawn.tops, drawn.lefts, drawn.heights, drawn.widths)
    )
    down = _weights(tops, heights, images.shape[-2], height, antialias=antialias)
    across = _weights(lefts, widths, images.shape[-1], width, antialias=antialias)
    rows = images.flatten(1, 2).bmm(across.transpose(1, 2))
    return down.unsqueeze(1) @ rows.view(len(images), -1, images.shape[-2], width)


def _weights(first: Tensor, length: Tensor, size: int, wanted: int, *, antialias: bool) -> Tensor:
    """Return the resampling weights along a side: float32, shape (batch, wanted, size)."""
    scale = (length / wanted).view(-1, 1, 1)
    pixels = torch.arange(size, dtype=torch.float32, device=first.device)
    pixels = pixels.view(1, 1, -1) - first.view(-1, 1, 1)
    at = scale * (torch.arange(wanted, device=first.device).view(1, -1, 1) + 0.5) - 0.5
    inside = (pixels >= 0) & (pixels < length.view(-1, 1, 1))
    if antialias:
        scale = scale.clamp(min=1)
    else:
        at, scale = at.clamp(min=0).minimum(length.view(-1, 1, 1) - 1), torch.ones_like(scale)
    weights = (1 - ((pixels - at) / scale).abs()).clamp_(min=0).mul_(inside)
    return weights.div_(weights.sum(dim=2, keepdim=True))


def _one_by_one(transform: Any, images: Tensor, drawn: RandomBoxes) -> Tensor:
    places = zip(
        drawn.tops.tolist(), drawn.lefts.tolist(), drawn.heights.tolist(), drawn.widths.tolist(),
        strict=True,
    )  # fmt: skip
    size, mode, antialias = list(transform.size), transform.interpolation, transform.antialias
    return torch.stack(
        [
            F.resized_crop(image, *place, size, interpolation=mode, antialias=antialias)
            for image, place in zip(images, places, strict=True)
        ]
    )


def _apply(transform: Any, images: Tensor, draws: Draws, stream: int) -> Tensor:
    size = (images.shape[-2], images.shape[-1])
    return crop_and_resize(transform, images, boxes(transform, size, draws, stream))


def _fits(transform: Any) -> bool:
    return mode_of(transform) == "bilinear"


KERNELS = (BatchKernel((v2.RandomResizedCrop, v1.RandomResizedCrop), _apply, _fits),)
