"""One bqplot figure of a run: the curves of one metric, thinned for the browser."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from jupyter_classgame.widgets import palette
from jupyter_classgame.widgets.bqplot_import import bq
from jupyter_classgame.widgets.chart.chart_metrics import RATE, ChartMetric
from jupyter_classgame.widgets.chart.compared_runs import ComparedRun
from jupyter_classgame.widgets.chart.curve_points import (
    MAX_DOTS,
    Edits,
    Floats,
    Points,
    bounded,
    edit_marks,
    log_ticks,
    thin,
    thin_together,
    with_points,
)
from jupyter_classgame.widgets.chart.epoch_axis import PAST, EpochAxis
from jupyter_classgame.widgets.frontend import answer_while_busy
from jupyter_classgame.widgets.run.shared_looks import SharedLooks

DOTTED = 30
"""Curves of up to this many epochs show their dots."""

GRID = "rgba(128, 138, 148, 0.28)"
"""Colour of grid lines, faint in light and dark themes."""

LONGEST = 7
"""Most characters of a number beside an axis."""

SMALL = 0.6
"""An axis is fitted anew where this part of it, or less, would do; each time is two messages."""

EMPTY: Floats = np.zeros(0, dtype=np.float32)


class CurveFigure:
    """A figure of training and validation curves, best epoch, edits by hand and compared runs.

    Each mark is made when there is something for it to show: it is a comm with the page.

    Parameters
    ----------
    measure
        The metric that is drawn.
    compared
        Runs that are drawn behind.
    epochs
        The axis of epochs, which figures beside each other share.
    looks
        Layouts to share.
    log
        Whether the y axis is logarithmic, if the metric allows it; it omits values up to 0.
    whole
        Whether the y axis begins at 0 and an accuracy's ends at 1; else it shows the values drawn.
    """

    def __init__(
        self,
        measure: ChartMetric,
        compared: Sequence[ComparedRun],
        epochs: EpochAxis,
        looks: SharedLooks,
        *,
        log: bool = False,
        whole: bool = False,
    ) -> None:
        self.measure = measure
        self._looks = looks
        self._log = log and measure.logarithmic
        self._ticks_of = log_ticks if self._log else partial(measure.ticks, whole=whole)
        self._ticks_at_first = log_ticks if self._log else partial(measure.ticks, whole=True)
        self._compared = compared
        self._behind = [each.curve(measure) for each in compared]
        self._placed = 0, 0
        self._zoomed = False
        self._ticks = (self._ticks_of if self._behind else self._ticks_at_first)(self._behind)
        self._x, self._across = epochs.scale, epochs.axis
        scale = bq.LogScale if self._log else bq.LinearScale
        self._y = scale(**dict(zip(("min", "max"), self._limits(), strict=True)))
        answer_while_busy(self._y)  # its limits change by zooming
        self._up = bq.Axis(
            scale=self._y, side="left", grid_color=GRID, grid_lines="solid",
            tick_values=np.array(self._ticks, np.float32), tick_format=_format(self._ticks),
            tick_style={"font-size": "11px"},
        )  # fmt: skip
        self._first = 0
        self._lines_behind = [
            self._lines([each.colour], x + each.run.first_epoch, y, dash=each.dash)
            for each, (x, y) in zip(compared, map(thin, self._behind), strict=True)
        ]
        self._curves = self._lines([palette.TRAIN, palette.VALIDATION], width=2.2)
        self._tooltip: bq.Tooltip = None
        self._ema: bq.Lines = None
        self._compared_dots: bq.Scatter = None
        if compared:
            self._compared_dots = self._dots_behind()
        self._spots: bq.Scatter = None
        self._best: bq.Scatter = None
        self._edits: bq.Scatter = None
        self.figure = bq.Figure(
            title=measure.title,
            marks=self._marks(),
            axes=[self._across, self._up],
            scale_x=self._x,
            scale_y=self._y,
            background_style={"fill": "transparent"},
            fig_margin={"top": 34, "bottom": 40, "left": 58, "right": 16},
            title_style=palette.TITLE_STYLE,
            padding_x=0.0,
            padding_y=0.0,
            animation_duration=0,
            display_toolbar=False,
            layout=looks.figure,
        )

    def _marks(self) -> list[bq.Mark]:
        """Return the marks there are, those in front last."""
        marks = [
            *self._lines_behind, self._curves, self._ema, self._compared_dots, self._spots,
            self._best, self._edits,
        ]  # fmt: skip
        return [mark for mark in marks if mark is not None]

    @property
    def _scales(self) -> dict[str, bq.Scale]:
        return {"x": self._x, "y": self._y}

    def _lines(
        self, colours: list[str], x: Floats = EMPTY, y: Floats = EMPTY, *,
        dash: str = "solid", width: float = 1.2,
    ) -> bq.Lines:  # fmt: skip
        return bq.Lines(
            x=x, y=self._drawn(y), scales=self._scales, colors=colours, stroke_width=width,
            line_style=dash,
        )  # fmt: skip

    def _dots(self, x: Floats, y: Floats, names: list[str], **look: Any) -> bq.Scatter:
        """Make dots with a tooltip."""
        if self._tooltip is None:
            self._tooltip = bq.Tooltip(
                fields=["name", "x", "y"],
                labels=["", "epoch", self.measure.title.lower()],
                formats=["", "d", self.measure.digits],
                layout=self._looks.growing,
            )
        return bq.Scatter(
            x=x, y=y, names=names, display_names=False, scales=self._scales,
            default_size=30, tooltip=self._tooltip, **look,
        )  # fmt: skip

    def _drawn(self, y: Floats) -> Floats:
        """Replace values that a logarithmic axis cannot show by NaN."""
        return np.where(y > 0, y, np.float32(np.nan)) if self._log else y

    def _dots_behind(self) -> bq.Scatter:
        """Make dots with tooltips on the curves of compared runs, inside the axes.

        They are seen where one is all there is of a run.
        """
        xs, ys, names, colours = [EMPTY], [EMPTY], list[str](), list[str]()
        opacities = list[float]()
        for each, curve in zip(self._compared, self._behind, strict=True):
            x, y = thin(curve, limit=MAX_DOTS)
            seen = np.isfinite(self._drawn(y)) & (y <= self._limits()[1])
            xs.append(x[seen] + each.run.first_epoch)
            ys.append(y[seen])
            names += _distinct(each.name, int(seen.sum()))
            colours += [each.colour] * int(seen.sum())
            opacities += [float(len(curve) == 1)] * int(seen.sum())
        return self._dots(
            np.concatenate(xs), np.concatenate(ys), names, colors=colours,
            opacities=np.array(opacities),
        )  # fmt: skip

    def _limits(self) -> tuple[float, float]:
        """Return the ends of the y axis."""
        room = 0.0 if self._log else self._ticks[-1] - self._ticks[0]
        return self._ticks[0], self._ticks[-1] + (PAST - 1) * room

    def _fit(self, curves: Sequence[Sequence[float]]) -> int:
        """Fit the y axis to all curves, with round ticks, unless it is zoomed.

        Within the first epoch, whose values change much, the axis is whole and stays as it is.
        """
        behind = self._behind if self.measure is RATE else bounded(self._behind, curves)
        ticks_of = self._ticks_of if behind or curves[0] else self._ticks_at_first
        ticks = ticks_of([*curves, *behind])
        other = ticks != self._ticks and not self._still_fits(ticks)
        self._ticks = ticks if other else self._ticks
        return self._reach() if other and not self._zoomed else 0

    def _still_fits(self, ticks: Sequence[float]) -> bool:
        """Whether the axis shows all that one with these ticks would, not much smaller."""
        now = self._ticks
        if self._log or not now[0] <= ticks[0] <= ticks[-1] <= now[-1]:
            return False
        return ticks[-1] - ticks[0] > SMALL * (now[-1] - now[0])

    def _reach(self) -> int:
        with self._y.hold_sync():
            self._y.min, self._y.max = self._limits()
        form = _format(self._ticks)
        other = int(form != self._up.tick_format)
        self._up.tick_format = form  # first: the page writes new ticks in the format that it has
        self._up.tick_values = np.array(self._ticks, dtype=np.float32)
        return 2 + other + (self._replace_dots_behind() if self._compared else 0)

    def _replace_dots_behind(self) -> int:
        """Leave out dots that are outside now, and take in those that are inside.

        A page would mix up how dots look whose number changes, so they are made anew.
        """
        before, now = self._compared_dots, self._limits()[1]
        inside = sum(
            int(np.count_nonzero(self._drawn(y) <= now))
            for _, y in (thin(curve, limit=MAX_DOTS) for curve in self._behind)
        )
        if inside == len(before.x):
            return 0
        self._compared_dots = self._dots_behind()
        self.figure.marks = self._marks()
        before.close()
        return 3

    def zoom(self, *, on: bool) -> None:
        """Switch zooming by the mouse wheel and panning by dragging on or off."""
        before = self.figure.interaction
        if on and before is None:
            self._zoomed = True
            self._up.tick_values = None  # bqplot chooses round ticks
            scales = {"x": [self._x], "y": [self._y]}
            self.figure.interaction = bq.PanZoom(scales=scales)
        elif not on and before is not None:
            self.figure.interaction = None
            before.close()

    def whole(self) -> None:
        """Show the whole range of values again."""
        self._zoomed = False
        self._reach()
        self._y.send_state(("min", "max"))  # the page may have changed them without a message

    def draw(
        self,
        curves: Mapping[str, Sequence[float]],
        best: int | None = None,
        within: Points = (),
        edits: Edits = (),
        *,
        first: int = 0,
    ) -> int:
        """Show the curves so far.

        Parameters
        ----------
        curves
            Values by the names of History's fields, one per epoch.
        best
            The best epoch, from 1.
        within
            Points of the training curve within epochs.
        edits
            Edits by hand, marked on the training curve.
        first
            Epochs that the model had been trained for before the run.

        Returns
        -------
        int
            Number of messages sent.
        """
        measure, shown = self.measure, len(self._marks())
        self._first = first
        train, val = curves[measure.train], curves[measure.val] if measure.val else ()
        averaged = curves[measure.averaged] if measure.averaged else ()
        rows = [train, val] if val else [train]
        sent = self._put(rows, [best] if best else [], within)
        if averaged:
            x, y = thin(averaged)
            sent += self._put_averaged(x + first, y)
        if train:
            named = {"training": train, "validation": val} if val else {"this run": train}
            sent += self._spot(named)
        if edits and (len(edits), len(train)) != self._placed:  # where they stand moves with epochs
            self._placed = len(edits), len(train)
            x, y, names = edit_marks(edits, train, within)
            sent += self._mark_edits(x + first, y, names)
        ranked = val or train
        if best and best <= len(ranked) and measure is not RATE and len(ranked) > 1:
            sent += self._mark_best(first + best, ranked[best - 1])
        if len(self._marks()) > shown:
            self.figure.marks = self._marks()
            sent += 1
        return sent + self._fit([*rows, averaged, [y for _, y in within]])

    def _put(self, rows: Sequence[Sequence[float]], keep: list[int], within: Points) -> int:
        """Draw the curves; only the first has points within epochs."""
        x, y = thin_together(rows, keep)
        xs, ys = with_points(x, y[0], within)
        if len(rows) > 1:  # they have as many points as the first
            ends = np.clip(np.searchsorted(x, xs, side="right") - 1, 0, None)
            xs, ys = np.stack([xs, x[ends]]), np.stack([ys, y[1][ends]])
        if xs.shape[-1] == 1:  # bqplot takes two curves of one point for one curve of two
            xs, ys = np.repeat(xs, 2, axis=-1), np.repeat(ys, 2, axis=-1)
        return _assign(self._curves, xs + self._first, self._drawn(ys))

    def _put_averaged(self, x: Floats, y: Floats) -> int:
        if self._ema is None:
            self._ema = self._lines([palette.VALIDATION], x, y, dash="dashed")
            return 1
        return _assign(self._ema, x, self._drawn(y))

    def _spot(self, named: Mapping[str, Sequence[float]]) -> int:
        """Put a dot at every epoch of every curve, or at some of them if there are many."""
        x, y = thin_together(
            [self.measure.shown(curve) for curve in named.values()], limit=MAX_DOTS
        )
        seen = np.isfinite(self._drawn(y)).all(axis=0)
        count, each = int(seen.sum()), len(named)
        x, y = np.repeat(x[seen] + self._first, each), y[:, seen].T.ravel()
        rows = zip(*(_distinct(name, count) for name in named), strict=True)
        state: dict[str, Any] = {
            "names": [name for row in rows for name in row],
            "colors": [palette.TRAIN, palette.VALIDATION][:each],
            "opacities": np.array([float(count <= DOTTED)]),
        }
        if self._spots is None:
            self._spots = self._dots(x, y, **state)
            return 1
        return _assign(self._spots, x, y, **state)

    def _mark_edits(self, x: Floats, y: Floats, names: list[str]) -> int:
        if self._edits is None:
            self._edits = bq.Scatter(
                x=x, y=y, names=names, display_names=False, scales=self._scales,
                colors=[palette.EDIT], marker="triangle-up", default_size=90, stroke=palette.PAPER,
                tooltip=bq.Tooltip(fields=["name"], show_labels=False, layout=self._looks.growing),
            )  # fmt: skip
            return 2
        return _assign(self._edits, x, y, names=names)

    def _mark_best(self, epoch: int, value: float) -> int:
        x, y = np.array([epoch], np.float32), np.array([value], np.float32)
        seen = np.isfinite(self._drawn(y))
        x, y = x[seen], y[seen]
        if self._best is None:
            self._best = bq.Scatter(
                x=x, y=y, scales=self._scales, colors=[palette.BEST], marker="diamond",
                default_size=110, stroke=palette.PAPER,
            )  # fmt: skip
            return 1
        return _assign(self._best, x, y)


def _distinct(name: str, count: int) -> list[str]:
    """Repeat a name with different trailing blanks: bqplot takes dots of one name for one dot."""
    blanks = str.maketrans("01", " \t")
    return [name + f"{number:b}".translate(blanks) for number in range(count)]


def _assign(mark: bq.Mark, x: Floats, y: Floats, **state: Any) -> int:
    """Send a mark's state in one message, unless its points are unchanged; return the messages."""
    if np.array_equal(mark.x, x) and np.array_equal(mark.y, y, equal_nan=True):
        return 0
    with mark.hold_sync():
        mark.x, mark.y = x, y
        for name, value in state.items():
            setattr(mark, name, value)
    return 1


def _format(ticks: Sequence[float]) -> str:
    """Return the format of an axis's numbers, short enough for the room beside it."""
    return "~e" if any(len(f"{tick:.12f}".rstrip("0")) > LONGEST for tick in ticks) else "~g"
