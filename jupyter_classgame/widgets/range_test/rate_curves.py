"""What a range test's chart draws, live and as a picture: points, limits and words."""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from jupyter_classgame.training.range_test.range_test import RangeTest, Sweep

EASY = 0.02
"""A part of the batches, those with the least losses, which the axis may leave out."""

Floats = npt.NDArray[np.float32]


def points(rates: Sequence[float], losses: Sequence[float]) -> tuple[Floats, Floats]:
    """Give the finite losses of a sweep and their rates."""
    pairs = [(r, v) for r, v in zip(rates, losses, strict=False) if math.isfinite(v)]
    return (
        np.array([rate for rate, _ in pairs], np.float32),
        np.array([loss for _, loss in pairs], np.float32),
    )


def smoothed(sweep: "Sweep") -> tuple[Floats, Floats]:
    """Give a sweep's smoothed curve."""
    curve = sweep.smoothed() if sweep.finite else np.empty(0)
    return points(sweep.rates, curve.tolist())


def limits(losses: Iterable[float]) -> tuple[float, float]:
    """Give the ends of the axis of losses: from the least to a little over the first.

    What explodes at the end of a sweep leaves it at the top, and a single batch that is very easy
    at the bottom.
    """
    finite = [loss for loss in losses if math.isfinite(loss)]
    if not finite:
        return 0.0, 1.0
    low, top = float(np.quantile(finite, EASY)), max(finite[0], float(np.median(finite)))
    room = max(top - low, 0.05 * abs(top), 1e-3)
    return low - 0.1 * room, top + 0.35 * room


def decades(first: float, last: float) -> list[float]:
    """Give the powers of ten between two rates, every second one where there are many."""
    lowest, highest = math.ceil(math.log10(first) - 1e-9), math.floor(math.log10(last) + 1e-9)
    step = 1 + (highest - lowest) // 8
    return [10.0**power for power in range(lowest, highest + 1, step)]


def caption(test: "RangeTest") -> str:
    """Say how to take the rate that is suggested."""
    if not test.line:
        return "No rate is suggested: try others with --from and --to, or look at the data first."
    return f"To take it: {test.line}"


def said(test: "RangeTest") -> str:
    """Say what was found, in a line."""
    return repr(test).partition("\n")[0]
