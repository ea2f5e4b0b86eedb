"""RandomCrop, with a separate window for every image."""

from typing import Any

import torch
from torch import Tensor
from torchvision import transforms as v1
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F  # noqa: N812 - torchvision's name for it

from jupyter_classgame.data.addressed_rng import Draws, stream_within
from jupyter_classgame.data.vectorised.batch_kernel import BatchKernel, fill_fits, fill_of
from jupyter_classgame.data.vectorised.geometry.sampling_grid import sample_affine

Sides = tuple[int, int, int, int]


def padding_of(transform: Any, size: tuple[int, int]) -> Sides:
    """Return the padding (left, right, top, bottom) of images of ``size`` (height, width)."""
    left, right, top, bottom = _sides(transform)
    height, width = size[0] + top + bottom, size[1] + left + right
    if transform.pad_if_needed:
        down, across = max(transform.size[0] - height, 0), max(transform.size[1] - width, 0)
        left, right, top, bottom = left + across, right + across, top + down, bottom + down
    return left, right, top, bottom


def corners(
    transform: Any, size: tuple[int, int], padding: Sides, draws: Draws, stream: int
) -> tuple[Tensor, Tensor]:
    """Draw the top and left of every window in the padded image: int64, shape (batch,).

    Raises
    ------
    ValueError
        The window is larger than the padded image, as in torchvision.
    """
    left, right, top, bottom = padding
    spare = size[0] + top + bottom - transform.size[0], size[1] + left + right - transform.size[1]
    if min(spare) < 0:
        raise ValueError(
            f"Required crop size {tuple(transform.size)} is larger than the padded images of "
            f"{(size[0] + top + bottom, size[1] + left + right)}."
        )
    tops, lefts = (
        draws.integers(stream_within(stream, part), spare[part] + 1, 1)[:, 0] for part in (0, 1)
    )
    return tops, lefts


def windows(transform: Any, images: Tensor, padding: Sides, tops: Tensor, lefts: Tensor) -> Tensor:
    """Cut every image's own window out of the padded image."""
    left, right, top, bottom = padding
    if transform.padding_mode != "constant" and any(padding):
        images = F.pad(images, [left, top, right, bottom], None, transform.padding_mode)
        left = top = 0
    height, width = images.shape[-2:]
    matrices = torch.eye(2, 3, dtype=torch.float64).repeat(len(images), 1, 1)
    # A shift by whole pixels: "nearest" copies them exactly.
    matrices[:, 0, 2] = lefts - left + (transform.size[1] - width) / 2
    matrices[:, 1, 2] = tops - top + (transform.size[0] - height) / 2
    fill = fill_of(transform) if any(padding) else None
    return sample_affine(images, matrices, tuple(transform.size), "nearest", fill)


def _apply(transform: Any, images: Tensor, draws: Draws, stream: int) -> Tensor:
    size = (images.shape[-2], images.shape[-1])
    padding = padding_of(transform, size)
    tops, lefts = corners(transform, size, padding, draws, stream)
    return windows(transform, images, padding, tops, lefts)


def _sides(transform: Any) -> Sides:
    padding = transform.padding
    if isinstance(transform, v2.RandomCrop):
        return tuple(padding) if padding else (0, 0, 0, 0)
    match padding:
        case None:
            return 0, 0, 0, 0
        case int():
            return padding, padding, padding, padding
        case (both,):
            return both, both, both, both
        case (across, down):
            return across, across, down, down
        case (left, top, right, bottom):
            return left, right, top, bottom
    raise TypeError(f"Got inappropriate padding arg {padding!r}")


def _fits(transform: Any) -> bool:
    if not fill_fits(transform) or any(side < 0 for side in _sides(transform)):
        return False
    fill, constant = fill_of(transform), transform.padding_mode == "constant"
    if isinstance(fill, (list, tuple)) and not constant:
        return False
    return isinstance(transform, v2.RandomCrop) or not isinstance(fill, (list, tuple))


KERNELS = (BatchKernel((v2.RandomCrop, v1.RandomCrop), _apply, _fits),)
