"""RandomErasing, with a separate rectangle for every image."""

from typing import Any

import torch
from torch import Tensor
from torchvision import transforms as v1
from torchvision.transforms import v2

from jupyter_classgame.data.addressed_rng import Draws, stream_within
from jupyter_classgame.data.vectorised.batch_kernel import BatchKernel, on_some
from jupyter_classgame.data.vectorised.random_boxes import RandomBoxes, draw_boxes, log_ratio_bounds


def boxes(transform: Any, size: tuple[int, int], draws: Draws, stream: int) -> RandomBoxes:
    """Draw a rectangle for every image, smaller than the image; none if ten tries fail."""
    height, width = size

    def fits(heights: Tensor, widths: Tensor) -> Tensor:
        return (heights < height) & (widths < width)

    # In RandomErasing, torchvision's aspect ratio is height to width.
    bounds = log_ratio_bounds(transform)
    return draw_boxes(size, transform.scale, (-bounds[1], -bounds[0]), fits, draws, stream)


def erase(transform: Any, images: Tensor, drawn: RandomBoxes, draws: Draws, stream: int) -> Tensor:
    """Fill every image's rectangle with the transform's value."""
    value = value_of(transform)
    channels, height, width = images.shape[1:]
    if value is not None and len(value) not in (1, channels):
        raise ValueError(
            "If value is a sequence, it should have either a single value or "
            f"{channels} (number of input channels)"
        )
    inside = drawn.mask(height, width).to(images.device, non_blocking=True)
    if value is None:
        return torch.where(inside, draws.noise(stream, images.shape[1:], images.device), images)
    colour = torch.tensor(value, dtype=images.dtype).to(images.device).view(1, -1, 1, 1)
    return torch.where(inside, colour, images)


def value_of(transform: Any) -> list[float] | None:
    """Return the fill value: one a channel, one for all channels, or None for noise."""
    value = transform.value
    if isinstance(value, (int, float)):
        return [float(value)]
    return None if value is None or isinstance(value, str) else [float(part) for part in value]


def _apply(transform: Any, images: Tensor, draws: Draws, stream: int) -> Tensor:
    size = (images.shape[-2], images.shape[-1])

    def some(images: Tensor, draws: Draws) -> Tensor:
        drawn = boxes(transform, size, draws, stream_within(stream, 1))
        return erase(transform, images, drawn, draws, stream_within(stream, 2))

    return on_some(images, draws, draws.chosen(stream_within(stream, 0), transform.p), some)


def _fits(transform: Any) -> bool:
    value = transform.value
    return value is None or value == "random" or isinstance(value, (int, float, list, tuple))


KERNELS = (BatchKernel((v2.RandomErasing, v1.RandomErasing), _apply, _fits),)
