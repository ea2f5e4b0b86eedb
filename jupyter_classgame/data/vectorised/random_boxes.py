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
class RandomBoxes:
    """One rectangle an image, in pixels: int64, shape (batch,).

    ``found`` is bool, shape (batch,): whether there is a rectangle that fits.
    """

    tops: Tensor
    lefts: Tensor
    heights: Tensor
    widths: Tensor
    found: Tensor

    def mask(self, height: int, width: int) -> Tensor:
        """Return the mask of the rectangles: bool, shape (batch, 1, height, width)."""
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
) -> RandomBoxes:
    """Draw up to ten sizes for every image, take the first that fits, and draw its position.

    Parameters
    ----------
    size
        (height, width) of the images.
    scale
        Bounds of the area, as shares of the image's.
    log_ratio
        Bounds of the logarithm of width to height.
    fits
        ``fits(heights, widths)`` is, elementwise, whether a size is allowed.
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
    return RandomBoxes(tops, lefts, heights, widths, found)


def log_ratio_bounds(transform: Any) -> tuple[float, float]:
    """Return the logarithms of a transform's bounds of the aspect ratio."""
    if hasattr(transform, "_log_ratio"):  # torchvision's v2 uses this one
        low, high = transform._log_ratio.tolist()  # noqa: SLF001
        return low, high
    return math.log(transform.ratio[0]), math.log(transform.ratio[1])
