"""The live chart of a range test, while it sweeps and afterwards."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import ipywidgets as w
import numpy as np
from IPython.core.getipython import get_ipython

from jupyter_classgame.errors import ClassGameError
from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.bqplot_import import bq
from jupyter_classgame.widgets.cell_output import message_bundle
from jupyter_classgame.widgets.live_with_twin import LiveWithTwin
from jupyter_classgame.widgets.range_test.rate_curves import (
    caption,
    decades,
    limits,
    points,
    said,
    smoothed,
)

if TYPE_CHECKING:
    from jupyter_classgame.training.range_test.range_test import RangeTest

TICKS = {"font-size": "11px"}

NONE = np.empty(0, np.float32)

PACE = 0.3
"""Least seconds between two drawings while it sweeps."""


class RateChart:
    """Draws the losses of a range test as they come; with a line that says how far it is.

    Parameters
    ----------
    first, last
        The first and the last rate.
    steps, seeds
        Steps of a sweep, and sweeps.
    """

    def __init__(self, first: float, last: float, steps: int, seeds: int) -> None:
        self._rates: Sequence[float] = np.geomspace(first, last, steps).tolist()
        self._seeds = seeds
        self._sweeps: list[list[float]] = []
        self._drawn = 0.0
        self._x = bq.LogScale(min=first, max=last)
        self._y = bq.LinearScale(min=0.0, max=1.0)
        scales = {"x": self._x, "y": self._y}
        self._raw = bq.Lines(
            x=NONE, y=NONE, scales=scales, colors=[palette.EARLIER], stroke_width=1.0,
            opacities=[0.6],
        )  # fmt: skip
        self._smooth = bq.Lines(
            x=NONE, y=NONE, scales=scales, colors=[palette.TRAIN], stroke_width=2.0
        )
        self._chosen = bq.Lines(
            x=NONE, y=NONE, scales=scales, colors=[palette.BEST], stroke_width=2.0
        )
        self._spread = bq.Lines(
            x=NONE, y=NONE, scales=scales, colors=[palette.BEST], stroke_width=0.0,
            fill="bottom", fill_colors=[palette.BEST], fill_opacities=[0.14],
        )  # fmt: skip
        self._status = w.HTML(_line("range test: about to begin"))
        self._below = w.HTML()
        self._button = w.Button(
            description="Take it", layout=w.Layout(display="none", flex="0 0 auto")
        )
        self.view = LiveWithTwin(self._build, message_bundle("range test: about to begin"))

    @classmethod
    def of(cls, test: "RangeTest") -> "RateChart":
        """Make the chart of a test that is over; it is not yet displayed."""
        last = max(sweep.rates[-1] for sweep in test.sweeps)
        chart = cls(test.sweeps[0].rates[0], last, test.steps, len(test.sweeps))
        chart.finish(test)
        return chart

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None or not self._sweeps:  # what is refused has no chart, only its line
            return
        message = "the range test ended by an error; everything is as it was"
        self._status.value = _line(message)
        self.view.update_twin(message_bundle(message))

    def watch(self, sweep: int, step: int, loss: float) -> None:
        """Take the loss of a step, and draw where the last drawing is some time ago."""
        if not self._sweeps and self.view.is_live:
            self.view.show()
        while len(self._sweeps) <= sweep:
            self._sweeps.append([])
        self._sweeps[sweep].append(loss)
        now = time.perf_counter()
        if self.view.is_live and now - self._drawn >= PACE:
            which = f"sweep {sweep + 1} of {self._seeds}, " if self._seeds > 1 else ""
            rate = self._rates[step - 1]
            said_now = f"range test: {which}step {step} of {len(self._rates)}, rate {rate:.2g}"
            self._status.value = _line(said_now)
            self._draw_losses()
            self._drawn = time.perf_counter()

    def finish(self, test: "RangeTest") -> None:
        """Draw the whole test, with what it suggests, and offer to take that."""
        from jupyter_classgame.widgets.range_test.static_rates import rates  # noqa: PLC0415 - matplotlib

        self._sweeps = [list(sweep.losses) for sweep in test.sweeps]
        self._rates = max((sweep.rates for sweep in test.sweeps), key=len)
        self._draw_losses()
        curves = [smoothed(sweep) for sweep in test.sweeps]
        with self._smooth.hold_sync():
            self._smooth.x, self._smooth.y = _rows(curves)
            self._smooth.colors = [palette.TRAIN] * len(curves)
        if test.suggestion is not None:
            with self._chosen.hold_sync():
                self._chosen.x = np.array([test.suggestion] * 2, np.float32)
                self._chosen.y = np.array([self._y.min, self._y.max], np.float32)
            self._button.description = f"Take {test.suggestion:g}"
            self._button.layout.display = ""
            self._button.on_click(lambda _: self._take(test))
        if test.spread is not None and len(test.sweeps) > 1:
            with self._spread.hold_sync():
                self._spread.x = np.array(test.spread, np.float32)
                self._spread.y = np.array([self._y.max] * 2, np.float32)
        self._status.value = _line(said(test))
        self._below.value = _line(caption(test))
        self.view.update_twin(rates(test))

    def end(self, test: "RangeTest") -> None:
        """Finish a chart that has drawn a test as it came; its cell shows no second one."""
        self.finish(test)
        if not self.view.is_live:  # only now: a terminal cannot replace what it has printed
            self.view.show()
        charted.remember(test)

    def _take(self, test: "RangeTest") -> None:
        try:
            self._below.value = _line(test.take())
        except ClassGameError as error:
            self._below.value = _line(str(error))

    def _draw_losses(self) -> None:
        every = [loss for losses in self._sweeps for loss in losses]
        bottom, top = limits(every)
        with self._y.hold_sync():
            self._y.min, self._y.max = bottom, top
        lines = [points(self._rates, losses) for losses in self._sweeps]
        with self._raw.hold_sync():
            self._raw.x, self._raw.y = _rows([(x, np.clip(y, bottom, top)) for x, y in lines])
            self._raw.colors = [palette.EARLIER] * max(1, len(lines))

    def _build(self) -> w.DOMWidget:
        figure = bq.Figure(
            title="Range test",
            marks=[self._spread, self._raw, self._smooth, self._chosen],
            axes=[
                bq.Axis(
                    scale=self._x, side="bottom", label="learning rate",
                    label_color=palette.LABEL, grid_lines="none", tick_style=TICKS,
                    tick_values=np.array(decades(self._x.min, self._x.max), np.float32),
                    tick_format=".0e", label_offset="32px",
                ),
                bq.Axis(
                    scale=self._y, side="left", label="training loss", label_offset="42px",
                    label_color=palette.LABEL, grid_color="#8884", tick_style=TICKS,
                    tick_format="~g",
                ),
            ],
            background_style={"fill": "transparent"},
            fig_margin={"top": 34, "bottom": 46, "left": 58, "right": 18},
            title_style=palette.TITLE_STYLE,
            padding_x=0.0,
            padding_y=0.0,
            animation_duration=0,
            display_toolbar=False,
            layout=w.Layout(width="560px", max_width="100%", height="290px"),
        )  # fmt: skip
        return w.VBox([self._status, figure, w.HBox([self._button, self._below])])


class ChartedCells:
    """The last test whose chart was drawn while it swept, and the cell that has it."""

    def __init__(self) -> None:
        self._last: tuple[RangeTest, Any] | None = None

    def remember(self, test: "RangeTest") -> None:
        """Note that the running cell has the chart of a test."""
        self._last = test, _running_cell()

    def has(self, test: "RangeTest") -> bool:
        """Whether the running cell has the chart of a test already."""
        return self._last is not None and self._last[0] is test and self._last[1] == _running_cell()


charted = ChartedCells()


def _running_cell() -> Any:
    return getattr(get_ipython(), "execution_count", None)


def show_chart(test: "RangeTest") -> None:
    """Show the chart of a test, unless the running cell has it already."""
    if not charted.has(test):
        chart_of(test).show()


def _line(words: str) -> str:
    return markup.line(words, muted=False)


def _rows(curves: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Put curves of any lengths into one array each of x and y, the short ones filled by NaN."""
    longest = max([2, *(len(x) for x, _ in curves)])  # bqplot takes no single point
    shape = (max(1, len(curves)), longest)
    across, up = np.full(shape, np.nan, np.float32), np.full(shape, np.nan, np.float32)
    for row, (x, y) in enumerate(curves):
        across[row, : len(x)], up[row, : len(y)] = x, y
    return across, up


def chart_of(test: "RangeTest") -> LiveWithTwin:
    """Make the chart of a test that is over, ready to be shown."""
    return RateChart.of(test).view
