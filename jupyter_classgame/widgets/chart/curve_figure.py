"""One bqplot figure of a run: the curves of one metric, thinned for the browser."""

import math
from collections.abc import Mapping, Sequence
from functools import partial

import ipywidgets as w
import numpy as np

from jupyter_classgame.widgets import palette
from jupyter_classgame.widgets.bqplot_import import bq
from jupyter_classgame.widgets.chart.chart_metrics import RATE, ChartMetric
from jupyter_classgame.widgets.chart.compared_runs import ComparedRun
from jupyter_classgame.widgets.chart.curve_points import (
    MAX_DOTS,
    Edits,
    Floats,
    axis_label,
    bounded,
    edit_marks,
    epoch_ticks,
    log_ticks,
    thin,
    thin_together,
)
from jupyter_classgame.widgets.frontend import answer_while_busy

DOTTED = 30
"""Curves of up to this many epochs show their dots."""

PAST = 1.02
"""Axes reach a little past their last ticks, for the dots there to be whole."""

GRID = "rgba(128, 138, 148, 0.28)"
"""Colour of grid lines, faint in light and dark themes."""

EMPTY: Floats = np.zeros(0, dtype=np.float32)


class CurveFigure:
    """A figure of training and validation curves, best epoch, edits by hand and compared runs.

    Parameters
    ----------
    measure
        The metric that is drawn.
    compared
        Runs that are drawn behind.
    log
        Whether the y axis is logarithmic, if the metric allows it; it omits values up to 0.
    whole
        Whether the y axis begins at 0 and an accuracy's ends at 1; else it shows the values drawn.
    """

    def __init__(
        self,
        measure: ChartMetric,
        compared: Sequence[ComparedRun],
        *,
        log: bool = False,
        whole: bool = False,
    ) -> None:
        self.measure = measure
        self._log = log and measure.logarithmic
        self._ticks_of = log_ticks if self._log else partial(measure.ticks, whole=whole)
        self._behind = [each.curve(measure) for each in compared]
        self._placed = 0, 0
        self._zoomed = False
        self._ticks: list[float] = []
        self._starts = [each.run.first_epoch for each in compared]
        self._first = 0
        self._epochs = self._epoch_ticks(0)
        self._x = bq.LinearScale(min=0.0, max=1.0)
        self._y = bq.LogScale(min=0.1, max=1.0) if self._log else bq.LinearScale(min=0.0, max=1.0)
        for scale in (self._x, self._y):
            answer_while_busy(scale)  # its limits change by zooming
        self._up = bq.Axis(
            scale=self._y, side="left", grid_color=GRID, grid_lines="solid",
            tick_format="~g", tick_style={"font-size": "11px"},
        )  # fmt: skip
        self._across = bq.Axis(
            scale=self._x, label="epoch", label_offset="30px", label_color=palette.LABEL,
            grid_lines="none", tick_values=np.array(self._epochs, np.float32), tick_format="~g",
            tick_style={"font-size": "11px"},
        )  # fmt: skip
        behind = [
            self._lines([each.colour], x + each.run.first_epoch, y, dash=each.dash)
            for each, (x, y) in zip(compared, map(thin, self._behind), strict=True)
        ]
        self._compared_dots = self._dots()
        self._place_tooltips(compared)
        self._curves = self._lines([palette.TRAIN, palette.VALIDATION], width=2.2)
        self._ema = self._lines([palette.VALIDATION], dash="dashed")
        self._spots = self._dots()
        self._edits = bq.Scatter(
            x=EMPTY, y=EMPTY, names=[], display_names=False, scales=self._scales,
            colors=[palette.EDIT], marker="triangle-up", default_size=90, stroke=palette.PAPER,
            tooltip=bq.Tooltip(fields=["name"], show_labels=False),
        )  # fmt: skip
        self._best = bq.Scatter(
            x=EMPTY, y=EMPTY, scales=self._scales, colors=[palette.BEST], marker="diamond",
            default_size=110, stroke=palette.PAPER,
        )  # fmt: skip
        self.figure = bq.Figure(
            title=measure.title,
            marks=[
                *behind, self._curves, self._ema, self._compared_dots, self._spots, self._best,
                self._edits,
            ],
            axes=[self._across, self._up],
            background_style={"fill": "transparent"},
            fig_margin={"top": 34, "bottom": 40, "left": 52, "right": 14},
            title_style=palette.TITLE_STYLE,
            padding_x=0.0,
            padding_y=0.0,
            animation_duration=0,
            display_toolbar=False,
            layout=w.Layout(width="auto", height="250px", min_width="260px", flex="1 1 300px"),
        )  # fmt: skip
        self._lengthen()
        self._fit([])

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

    def _dots(self) -> bq.Scatter:
        """Make dots with a tooltip."""
        tooltip = bq.Tooltip(
            fields=["name", "x", "y"],
            labels=["", "epoch", self.measure.title.lower()],
            formats=["", "d", self.measure.digits],
        )
        return bq.Scatter(
            x=EMPTY, y=EMPTY, names=[], display_names=False, scales=self._scales,
            default_size=30, tooltip=tooltip,
        )  # fmt: skip

    def _drawn(self, y: Floats) -> Floats:
        """Replace values that a logarithmic axis cannot show by NaN."""
        return np.where(y > 0, y, np.float32(np.nan)) if self._log else y

    def _place_tooltips(self, compared: Sequence[ComparedRun]) -> None:
        """Put invisible dots with tooltips on the curves of compared runs."""
        xs, ys, names, colours = [EMPTY], [EMPTY], list[str](), list[str]()
        for each, curve in zip(compared, self._behind, strict=True):
            x, y = thin(self.measure.shown(curve), limit=MAX_DOTS)
            seen = np.isfinite(self._drawn(y))
            xs.append(x[seen] + each.run.first_epoch)
            ys.append(y[seen])
            names += _distinct(each.name, int(seen.sum()))
            colours += [each.colour] * int(seen.sum())
        alone = all(len(curve) == 1 for curve in self._behind)
        mark = self._compared_dots
        with mark.hold_sync():
            mark.x, mark.y, mark.names = np.concatenate(xs), np.concatenate(ys), names
            mark.colors, mark.opacities = colours, np.array([float(alone)])

    def _fit(self, curves: Sequence[Sequence[float]], last: int = 0) -> int:
        """Fit both axes to all curves, with round ticks, unless they are zoomed."""
        epochs = self._epoch_ticks(last)
        ticks = self._ticks_of([*curves, *bounded(self._behind, curves)])
        longer, other = epochs != self._epochs, ticks != self._ticks
        self._epochs, self._ticks = epochs, ticks
        if self._zoomed:
            return 0
        return (self._lengthen() if longer else 0) + (self._reach() if other else 0)

    def _epoch_ticks(self, last: int) -> list[int]:
        """Return the ticks over the epochs of all runs drawn, this one's up to ``last``."""
        ends = [s + len(curve) for s, curve in zip(self._starts, self._behind, strict=True)]
        own = [self._first] if last or not ends else []
        return epoch_ticks(max([self._first + max(1, last), *ends]), min([*own, *self._starts]))

    def _lengthen(self) -> int:
        low, high = self._epochs[0], self._epochs[-1]
        with self._x.hold_sync():
            self._x.min, self._x.max = float(low), low + (high - low) * PAST
        self._across.label = axis_label(max([self._first, *self._starts]))
        self._across.tick_values = np.array(self._epochs, np.float32)
        return 2

    def _reach(self) -> int:
        with self._y.hold_sync():
            self._y.min = self._ticks[0]
            room = 0.0 if self._log else self._ticks[-1] - self._ticks[0]
            self._y.max = self._ticks[-1] + (PAST - 1) * room
        self._up.tick_values = np.array(self._ticks, dtype=np.float32)
        return 2

    def zoom(self, *, on: bool) -> None:
        """Switch zooming by the mouse wheel and panning by dragging on or off."""
        before = self.figure.interaction
        if on and before is None:
            self._zoomed = True
            self._up.tick_values = self._across.tick_values = None  # bqplot chooses round ticks
            scales = {"x": [self._x], "y": [self._y]}
            self.figure.interaction = bq.PanZoom(scales=scales)
        elif not on and before is not None:
            self.figure.interaction = None
            before.close()

    def whole(self) -> None:
        """Show the whole range again."""
        self._zoomed = False
        self._lengthen()
        self._reach()
        for scale in (self._x, self._y):
            scale.send_state(("min", "max"))  # the page may have changed them without a message

    def draw(
        self,
        curves: Mapping[str, Sequence[float]],
        best: int | None = None,
        tip: float | None = None,
        now: float | None = None,
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
        tip, now
            The running mean ``now`` at a fraction ``tip`` of the epochs.
        edits
            Edits by hand, marked on the training curve.
        first
            Epochs that the model had been trained for before the run.

        Returns
        -------
        int
            Number of messages sent.
        """
        measure, self._first = self.measure, first
        train, val = curves[measure.train], curves[measure.val] if measure.val else ()
        averaged = curves[measure.averaged] if measure.averaged else ()
        end = None if tip is None or now is None else (tip, now)
        rows = [train, val] if val else [train]
        sent = self._put(rows, [best] if best else [], end)
        x, y = thin(averaged)
        sent += _assign(self._ema, x + first, y)
        sent += self._spot({"training": train, "validation": val} if val else {"this run": train})
        if edits and (len(edits), len(train)) != self._placed:  # where they stand moves with epochs
            self._placed = len(edits), len(train)
            with self._edits.hold_sync():
                x, self._edits.y, self._edits.names = edit_marks(edits, train, end)
                self._edits.x = x + first
            sent += 1
        ranked = val or train
        spot = EMPTY, EMPTY
        if best and best <= len(ranked) and measure is not RATE:
            spot = np.array([first + best], np.float32), np.array([ranked[best - 1]], np.float32)
        seen = np.isfinite(self._drawn(spot[1]))
        sent += _assign(self._best, spot[0][seen], spot[1][seen])
        last = max(len(train), math.ceil(tip or 0))
        return sent + self._fit([*rows, averaged, *([[end[1]]] if end else [])], last)

    def _put(
        self, rows: Sequence[Sequence[float]], keep: list[int], end: tuple[float, float] | None
    ) -> int:
        """Draw the curves; only the first extends to the running mean."""
        points = np.stack(np.broadcast_arrays(*thin_together(rows, keep)))  # x or y, curve, epoch
        if end is not None:
            tip = np.array(end, np.float32)[:, None, None]
            others = points[:, 1:, -1:] if points.size else tip[:, 1:]
            points = np.append(points, np.append(tip, others, axis=1), axis=2)
        if points.shape[2] == 1:  # bqplot takes two curves of one point for one curve of two
            points = np.repeat(points, 2, axis=2)
        x, y = np.squeeze(points, axis=1) if len(rows) == 1 else points
        x = x + self._first
        return _assign(self._curves, *((x, self._drawn(y)) if y.size else (EMPTY, EMPTY)))

    def _spot(self, named: Mapping[str, Sequence[float]]) -> int:
        """Put a dot at every epoch of every curve, or at some of them if there are many."""
        x, y = thin_together(
            [self.measure.shown(curve) for curve in named.values()], limit=MAX_DOTS
        )
        seen = np.isfinite(self._drawn(y)).all(axis=0)
        count, each = int(seen.sum()), len(named)
        x, y = np.repeat(x[seen] + self._first, each), y[:, seen].T.ravel()
        mark = self._spots
        if np.array_equal(mark.x, x) and np.array_equal(mark.y, y):
            return 0
        with mark.hold_sync():
            names = zip(*(_distinct(name, count) for name in named), strict=True)
            mark.x, mark.y, mark.names = x, y, [name for row in names for name in row]
            mark.colors = [palette.TRAIN, palette.VALIDATION][:each]
            mark.opacities = np.array([float(count <= DOTTED)])
        return 1


def _distinct(name: str, count: int) -> list[str]:
    """Repeat a name with different trailing blanks: bqplot takes dots of one name for one dot."""
    blanks = str.maketrans("01", " \t")
    return [name + f"{number:b}".translate(blanks) for number in range(count)]


def _assign(mark: bq.Mark, x: Floats, y: Floats) -> int:
    """Send both coordinates in one message, unless unchanged; return the number of messages."""
    if np.array_equal(mark.x, x) and np.array_equal(mark.y, y, equal_nan=True):
        return 0
    with mark.hold_sync():
        mark.x, mark.y = x, y
    return 1
