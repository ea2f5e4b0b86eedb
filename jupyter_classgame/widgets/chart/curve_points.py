"""Prepare a run's values for drawing: finite, float32 and thinned."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from jupyter_classgame.training.wording import (
    counted,
    loss_text,
    score_text,
    unaudited_lines,
    unvalidated,
)
from jupyter_classgame.widgets.markup import isolated

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History

Floats = npt.NDArray[np.float32]

MAX_POINTS = 1000
"""Most points of one curve: a chart is about 500 pixels wide."""

MAX_DOTS = 200
"""Most dots of one curve that tell their values; they are seen where there are few."""


Edits = Sequence[tuple[float, str]]
"""Edits by hand: the number of epochs before each, and its description."""

MAX_EDITS = 20
"""Most edits by hand that a chart marks."""

MAX_EARLIER = 4
"""Most earlier runs that are drawn behind."""


def thinned(count: int, keep: Sequence[int] = (), limit: int = MAX_POINTS) -> list[int]:
    """Choose at most ``limit`` of the epochs from 1 to ``count``.

    The step is a power of two, so that a growing curve keeps its points; the first, the last and
    the epochs in ``keep`` always stay.
    """
    step = 1
    while count > limit and count > step * (limit - 4):
        step *= 2
    epochs = set(range(1, count + 1, step)) | {count} | set(keep)
    return sorted(epoch for epoch in epochs if 1 <= epoch <= count)


def thin(
    values: Sequence[float], keep: Sequence[int] = (), limit: int = MAX_POINTS
) -> tuple[Floats, Floats]:
    """Return epochs (from 1) and finite values, as :func:`thinned` chooses."""
    x, (y,) = thin_together([values], keep, limit)
    finite = np.isfinite(y)
    return x[finite], y[finite]


def thin_together(
    curves: Sequence[Sequence[float]], keep: Sequence[int] = (), limit: int = MAX_POINTS
) -> tuple[Floats, Floats]:
    """Return epochs (from 1), of shape (n,), and the values of all curves, of shape (curves, n).

    Shorter curves are filled up with NaN.
    """
    chosen = thinned(max(map(len, curves)), keep, limit)
    y = [[row[epoch - 1] if epoch <= len(row) else math.nan for epoch in chosen] for row in curves]
    return np.array(chosen, np.float32), np.array(y, np.float32)


Points = Sequence[tuple[float, float]]
"""Values within epochs: how many epochs are done, with a fraction, and the value."""


def with_points(x: Floats, y: Floats, within: Points) -> tuple[Floats, Floats]:
    """Add points within epochs to a curve that has one value an epoch, or some of them."""
    more = np.array(within, np.float32).reshape(-1, 2)
    x, y = np.append(x, more[:, 0]), np.append(y, more[:, 1])
    order = np.argsort(x, kind="stable")
    return x[order], y[order]


def edit_marks(
    edits: Edits, curve: Sequence[float], within: Points = ()
) -> tuple[Floats, Floats, list[str]]:
    """Place the newest edits on a curve with one value per epoch and points ``within`` epochs.

    Returns
    -------
    tuple
        Epochs, heights and descriptions, at most :data:`MAX_EDITS` of each.
    """
    x, y = with_points(*thin(curve), within)
    newest = edits[-MAX_EDITS:] if len(x) else []
    at = np.array([epoch for epoch, _ in newest], dtype=np.float32)
    heights = np.interp(at, x, y).astype(np.float32) if len(x) else at
    return at, heights, [what for _, what in newest]


MARGIN = 0.05
"""Room above and below the values drawn, as a share of what they span."""

FLATTEST = 0.1
"""An axis spans at least this part of its largest value, so that noise on a flat curve is flat."""


def accuracy_ticks(curves: Sequence[Sequence[float]], *, whole: bool = False) -> list[float]:
    """Return an accuracy axis's ticks, around the values drawn; from 0 to 1 where it is whole."""
    return [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] if whole else _ticks_around(curves, ceiling=1.0)


def loss_ticks(curves: Sequence[Sequence[float]], *, whole: bool = False) -> list[float]:
    """Return a loss axis's ticks, around the values drawn; from 0 where it is whole."""
    return _ticks_around([[0.0], *curves] if whole else curves)


def _ticks_around(curves: Sequence[Sequence[float]], ceiling: float = math.inf) -> list[float]:
    """Return round numbers from below the lowest value, but not below 0, to above the highest."""
    values = [v for curve in curves for v in curve if math.isfinite(v)]
    values = values if any(values) else [0.0, 1.0]
    low, high = min(values), max(values)
    span = max(high - low, FLATTEST * high, 1e-6)
    middle, reach = (low + high) / 2, span * (0.5 + MARGIN)
    low, high = max(0.0, middle - reach), min(ceiling, middle + reach)
    step = _round_step((high - low) / 5)
    first, last = math.floor(low / step + 1e-6), math.ceil(high / step - 1e-6)
    ticks = [round(step * number, 12) for number in range(first, last + 1)]
    return [tick for tick in ticks if tick <= ceiling]


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2, 2.5 and 5 times powers of ten that is at least so much."""
    scale = 10.0 ** math.floor(math.log10(least))
    return next(s * scale for s in (1.0, 2.0, 2.5, 5.0, 10.0) if s * scale >= least * (1 - 1e-9))


MOST_STEPS = 8
"""Most steps between the ticks of an axis of epochs."""


def axis_label(first: int) -> str:
    """Name an axis of epochs that begins after ``first`` epochs of the model's life."""
    return "epoch of the model's life" if first else "epoch"


def epoch_ticks(last: int, first: int = 0) -> list[int]:
    """Return the ticks of an axis of epochs, from ``first`` to at most 8 steps on, past ``last``.

    ``first`` is how many epochs there were before those that are drawn.
    """
    steps = (s * 10**n for n in range(10) for s in (1, 2, 5))
    step = next(s for s in steps if -(-last // s) - first // s <= MOST_STEPS)
    begin = first // step * step
    return list(range(begin, max(begin + step, -(-last // step) * step) + 1, step))


BEYOND = 3.0
"""Compared runs are drawn up to this many times the highest value of the shown run."""


def bounded(others: Sequence[Sequence[float]], own: Sequence[Sequence[float]]) -> list[list[float]]:
    """Drop high values of other runs' curves, which would flatten the shown run."""
    highest = max((v for curve in own for v in curve if math.isfinite(v)), default=math.inf)
    return [[v for v in curve if v <= max(BEYOND * highest, 1e-6)] for curve in others]


def log_ticks(curves: Sequence[Sequence[float]]) -> list[float]:
    """Return a logarithmic axis's ticks: 1, 2 and 5 times powers of ten, or powers alone.

    They reach from below the lowest positive value drawn to above the highest.
    """
    values = [v for curve in curves for v in curve if math.isfinite(v) and v > 0] or [1.0]
    first, last = math.floor(math.log10(min(values))), math.floor(math.log10(max(values)))
    steps = (1, 2, 5) if last - first < 3 else (1,)
    apart = 1 + (last - first) // 8
    ticks = [
        step * 10.0**power for power in range(first, last + 1 + apart, apart) for step in steps
    ]
    below = max((n for n, tick in enumerate(ticks) if tick <= min(values)), default=0)
    above = next(n for n, tick in enumerate(ticks) if n > below and tick >= max(values))
    return [float(f"{tick:.6g}") for tick in ticks[below : above + 1]]


def epochs_of(history: "History") -> int:
    """Return the number of a history's epochs."""
    return len(history.train_loss)


def best_of(history: "History") -> int | None:
    """Return the best epoch (from 1), or None if no epoch ended."""
    best = history.best_epoch
    return best if best and 1 <= best <= epochs_of(history) else None


def summary(history: "History", *, ending: bool = True) -> str:
    """Summarise a run in one line: its result, and how it ended if not as planned.

    Without its ``ending`` where that is said beside it.
    """
    epochs = epochs_of(history)
    label = isolated(history.label or "run")
    best = best_of(history)
    if history.running and history.stopped_by is None:
        count = f"{epochs} of {history.epochs_requested} epochs"
        return f"{label}: under way, {count}; history.wait(), .pause() and .stop() steer it"
    ended = _ending(history, message=ending)
    if not epochs or best is None:
        return f"{label}: no epoch was finished{ended}"
    ended = "".join(f"; {told}" for told in history.other_scores()) + ended
    spelt = f"{label}: {counted(epochs, 'epoch')}, best {history.named(best)}"
    train = (
        f"loss {loss_text(history.train_loss[best - 1])}, "
        f"acc {score_text(history.train_acc[best - 1])}"
    )
    if len(history.val_acc) < best:
        return f"{spelt}{unvalidated(history.monitor)}, with training {train}{ended}"
    return (
        f"{spelt} with val acc {score_text(history.val_acc[best - 1])}, "
        f"val loss {loss_text(history.val_loss[best - 1])} (training {train}){ended}"
    )


def _ending(history: "History", *, message: bool) -> str:
    planned = history.stopped_by in ("epochs", None) and history.kept not in ("best", "averaged")
    parts = [] if planned or not message else [history.message]
    parts += [*history.unranked_reasons, *history.unused, *unaudited_lines(history.unaudited)]
    parts += [f"after {epoch:.2f} epochs {what} by hand" for epoch, what in history.edits[:3]]
    if len(history.edits) > 3:
        parts.append(f"{len(history.edits)} edits by hand in all")
    return "".join(f"; {part}" for part in parts if part)
