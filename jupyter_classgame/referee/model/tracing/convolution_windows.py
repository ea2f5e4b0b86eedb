"""Convolutions made of other operations: shifted windows of a map, or patches, times weights."""

from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class ConvolutionWindow:
    """A rectangular part of a feature map.

    Attributes
    ----------
    source
        Identity of the map.
    top, left, height, width
        The rectangle, in pixels.
    weighted
        It was multiplied by weights.
    """

    source: int
    top: int
    left: int
    height: int
    width: int
    weighted: bool = False

    def overlaps(self, other: "ConvolutionWindow") -> bool:
        """Return whether two windows are shifted against each other and share pixels."""
        down, across = abs(self.top - other.top), abs(self.left - other.left)
        near = down < self.height and across < self.width
        return self.source == other.source and near and down + across > 0


def moved_apart(
    first: frozenset[ConvolutionWindow], second: frozenset[ConvolutionWindow]
) -> int | None:
    """Return the map of which both have a weighted window, shifted against each other, or None."""
    if first & second:
        return None
    for a in first:
        for b in second:
            if a.weighted and b.weighted and a.overlaps(b):
                return a.source
    return None


def weighted(windows: frozenset[ConvolutionWindow]) -> frozenset[ConvolutionWindow]:
    """Return windows marked as multiplied by weights."""
    return frozenset(replace(window, weighted=True) for window in windows)


def window_of(view: Tensor, source: int) -> ConvolutionWindow:
    """Return which part of a map, (n, channels, h, w), a slice of it shows."""
    plane, row, column = (int(stride) for stride in view.stride()[1:])
    place = int(view.storage_offset()) % max(plane, 1)
    top = place // max(row, 1)
    left = place % max(row, 1) // max(column, 1)
    return ConvolutionWindow(source, top, left, int(view.shape[2]), int(view.shape[3]))


def cuts_patches(name: str, args: Any) -> bool:
    """Return whether an operation extracts patches, as im2col does."""
    if name == "aten::im2col":
        return bool(max(args[1]) > 1)
    return name == "aten::unfold" and len(args) > 2 and int(args[2]) > 1
