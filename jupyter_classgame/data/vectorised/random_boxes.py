"""Random rectangles of a random area and shape, for cropping and for erasing."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from jupyter_classgame.data.addressed_rng import Draws

TRIES = 10


@dataclass(frozen=True)
class Boxes:
    """A rectangle an image in whole pixels: int64, shape (batch,); `found` says where it fits."""

    tops: Tensor
    lefts: Tensor
    heights: Tensor
    widths: Tensor
    found: Tensor

    def mask(self, height: int, width: int) -> Tensor:
        """Return where the rectangles are: bool, shape (batch, 1, height, width)."""
        rows, columns = torch.arange(height), torch.arange(width)
        top, left = self.tops[:, None], self.lefts[:, None]
        down = (rows >= top) & (rows < top + self.heights[:, None]) & self.found[:, None]
        across = (columns >= left) & (columns < left + self.widths[:, None])
        return down[:, None, :, None] & across[:, None, None, :]


def draw_boxes(
    size: tuple[int, int],
    scale: tuple[float, float],
    log_ratio: tuple[float, float],
    fits: Callable[[Tensor, Tensor], Tensor],
    draws: Draws,
    stream: int,
) -> Boxes:
    """Draw rectangles until one fits, at most ten times, and places for them.

    Parameters
    ----------
    size : tuple of int
        (height, width) of the images.
    scale : tuple of float
        Bounds of the area, as a share of the image's.
    log_ratio : tuple of float
        Bounds of the logarithm of width to height.
    fits : callable
        ``fits(heights, widths)`` says of each whether it may be taken.
    """
    height, width = size
    drawn = draws.uniform(stream, 2 * TRIES + 2).double()
    area = (drawn[:, :TRIES] * (scale[1] - scale[0]) + scale[0]) * (height * width)
    low, high = log_ratio
    ratio = torch.exp(drawn[:, TRIES : 2 * TRIES] * (high - low) + low)
    heights, widths = (area / ratio).sqrt().round().long(), (area * ratio).sqrt().round().long()
    good = fits(heights, widths)
    first = good.long().argmax(dim=1, keepdim=True)
    heights, widths = heights.gather(1, first)[:, 0], widths.gather(1, first)[:, 0]
    found = good.any(dim=1)
    tops = (drawn[:, -2] * (height - heights + 1)).floor().long()
    lefts = (drawn[:, -1] * (width - widths + 1)).floor().long()
    return Boxes(tops, lefts, heights, widths, found)


def ratio_bounds(ratio: tuple[float, float]) -> tuple[float, float]:
    """Return the logarithms of bounds of an aspect ratio."""
    return math.log(ratio[0]), math.log(ratio[1])


def log_ratio(transform: Any) -> tuple[float, float]:
    """Return the bounds of the logarithm of the aspect ratio."""
    if hasattr(transform, "_log_ratio"):  # what torchvision's v2 goes by
        low, high = transform._log_ratio.tolist()  # noqa: SLF001
        return low, high
    return math.log(transform.ratio[0]), math.log(transform.ratio[1])
