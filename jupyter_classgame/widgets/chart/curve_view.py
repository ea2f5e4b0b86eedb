"""Interactive curves of a run: selection, zoom and comparison."""

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.chart.chart_metrics import ACCURACY, LOSS, NAMES, RATE, ChartMetric
from jupyter_classgame.widgets.chart.compared_runs import ComparedRun
from jupyter_classgame.widgets.chart.curve_figure import CurveFigure
from jupyter_classgame.widgets.chart.curve_points import Edits, axis_label, best_of, epochs_of
from jupyter_classgame.widgets.chart.epoch_axis import EpochAxis
from jupyter_classgame.widgets.frontend import answer_while_busy
from jupyter_classgame.widgets.live_with_twin import close_tree
from jupyter_classgame.widgets.run.epoch_means import Means
from jupyter_classgame.widgets.run.shared_looks import SharedLooks
from jupyter_classgame.widgets.short_names import fitted

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History

CHOICES: dict[str, tuple[ChartMetric, ...]] = {
    "Loss and accuracy": (LOSS, ACCURACY),
    "Loss": (LOSS,),
    "Accuracy": (ACCURACY,),
    "Learning rate": (RATE,),
}

MOST = 12
"""Most other runs that can be selected, the newest."""


class CurveView:
    """Curves of a run that a reader can select, zoom and compare.

    Clicks and updates may come from different threads; a lock separates them.

    Parameters
    ----------
    earlier
        Runs that are drawn behind at first.
    others
        Further runs that can be selected; the newest are taken.
    validated
        Whether there will be validation values.
    looks
        Layouts and styles to share with what stands around.
    """

    names = NAMES
    """The names of the History fields that are drawn."""

    def __init__(
        self,
        earlier: Sequence["History"] = (),
        others: Sequence["History"] = (),
        *,
        validated: bool = True,
        looks: SharedLooks | None = None,
    ) -> None:
        self._validated = validated
        self._looks = looks or SharedLooks()
        self._lock = RLock()
        self._last: dict[str, Any] | None = None
        self.panels: list[CurveFigure] = []
        self._compared = _comparable(earlier, others)
        self.shown = w.ToggleButtons(
            options=list(CHOICES),
            tooltips=[f"Show {name.lower()}, epoch by epoch" for name in CHOICES],
            style={"button_width": "auto"},
            layout=self._looks.growing,
        )
        self.log = self._toggle("Log scale", "Logarithmic upright axes for loss and learning rate")
        self.whole = self._toggle("From 0", "Upright axes from 0; for accuracy from 0 to 1")
        self.zoom = self._toggle(
            "Zoom", "In the figures, the wheel zooms and dragging moves what is seen", "search-plus"
        )
        self._tools: list[w.Widget] = [self.shown, self.log, self.whole, self.zoom]
        self.ticks = self._make_ticks(earlier)
        for each in (*self._tools, *self.ticks):
            answer_while_busy(each)
        for each in (self.shown, self.log, self.whole, *self.ticks):
            each.observe(self._changed, "value")
        self.zoom.observe(self._zoomed, "value")
        self._compare_row = self._make_compare_row()
        self.legend = w.HTML(layout=self._looks.line, style=self._looks.html)
        self.widget: w.Box = None
        self._build()

    def _toggle(self, description: str, tooltip: str, icon: str = "") -> w.ToggleButton:
        return w.ToggleButton(
            description=description, tooltip=tooltip, icon=icon, layout=self._looks.button,
            style=self._looks.toggles,
        )  # fmt: skip

    @cached_property
    def reset(self) -> w.Button:
        """The button that shows the whole of the curves again; made when they are first zoomed."""
        button = w.Button(
            description="Reset zoom",
            tooltip="Show the whole of the curves again",
            icon="arrows-alt",
            layout=self._looks.button,
            style=self._looks.buttons,
        )
        answer_while_busy(button)
        button.on_click(self._reset_clicked)
        return button

    def _make_ticks(self, chosen: Sequence["History"]) -> list[w.Checkbox]:
        if not self._compared:
            return []
        labels = fitted([each.run.label or "run" for each in self._compared], 28)
        return [
            w.Checkbox(
                value=_among(each.run, chosen), description=label, indent=False,
                tooltip=f"Compare with {each.run.label}", layout=self._looks.fitted,
                style=self._looks.ticks,
            )
            for each, label in zip(self._compared, labels, strict=True)
        ]  # fmt: skip

    def _make_compare_row(self) -> list[w.Box]:
        if not self.ticks:
            return []
        title = w.HTML(_said("compare with"), layout=self._looks.fitted, style=self._looks.html)
        return [w.Box([title, *self.ticks], layout=self._looks.line)]

    # -- clicks -----------------------------------------------------------------------------

    def _changed(self, _change: Any) -> None:
        with self._lock:
            if self._open:
                self._build()

    def _zoomed(self, change: dict[str, Any]) -> None:
        with self._lock:
            if not self._open:
                return
            for panel in self.panels:
                panel.zoom(on=change["new"])
            if change["new"]:
                self._epochs.zoom()
                if self.reset not in self._tools:
                    self._tools.append(self.reset)
                    self._arrange()

    def _reset_clicked(self, _button: w.Button) -> None:
        with self._lock:
            self.zoom.value = False
            if self._open:
                self._epochs.whole()
                for panel in self.panels:
                    panel.whole()

    @property
    def _open(self) -> bool:
        """Whether the view is open: a click may arrive just after it was closed."""
        return self.widget.comm is not None

    def close(self) -> None:
        """Close all widgets, after any click in progress."""
        with self._lock:
            close_tree(self.widget)

    def _build(self) -> None:
        """Rebuild the figures for the current selection and replace the old ones."""
        before = self.panels
        measures = CHOICES[self.shown.value]
        self._drawn_runs = [
            each for each, tick in zip(self._compared, self.ticks, strict=True) if tick.value
        ]
        self.zoom.value = False
        self.log.disabled = not any(measure.logarithmic for measure in measures)
        self._epochs = EpochAxis(*self._span())
        self.panels = [
            CurveFigure(
                measure, self._drawn_runs, self._epochs, self._looks, log=self.log.value,
                whole=self.whole.value,
            )
            for measure in measures
        ]  # fmt: skip
        if self._last is None:
            self._explain()
        else:
            self.draw(**self._last)
        self._arrange()
        for old in before:
            close_tree(old.figure, keep=self.widget)

    def _arrange(self) -> None:
        """Put everything in its order."""
        figures = [panel.figure for panel in self.panels]
        children = (*self._tools, *self._compare_row, self.legend, *figures)
        if self.widget is None:
            self.widget = w.Box(children, layout=self._looks.line)
        else:
            self.widget.children = children

    # -- drawing ----------------------------------------------------------------------------

    def draw(
        self,
        curves: Mapping[str, Sequence[float]],
        *,
        best: int | None = None,
        within: Sequence[Means] = (),
        edits: Edits = (),
        first: int = 0,
    ) -> int:
        """Draw a run so far, with means ``within`` epochs on its training curves.

        ``first`` is how many epochs the model had been trained for before the run.

        Returns
        -------
        int
            Number of messages sent.
        """
        with self._lock:
            self._last = {
                "curves": curves, "best": best, "within": within, "edits": edits, "first": first,
            }  # fmt: skip
            points = {
                LOSS: [(mean.at, mean.loss) for mean in within],
                ACCURACY: [(mean.at, mean.acc) for mean in within],
            }
            sent = self._explain(averaged=bool(curves["ema_val_acc"]), edits=edits)
            sent += sum(
                panel.draw(curves, best, points.get(panel.measure, ()), edits, first=first)
                for panel in self.panels
            )
            last = max([len(curves["train_loss"]), *(math.ceil(mean.at) for mean in within)])
            return sent + self._epochs.fit(*self._span(first, last))

    def _span(self, first: int = 0, last: int = 0) -> tuple[int, int, str]:
        """Return from which epoch to which all runs reach, and what such an axis is called."""
        runs = [each.run for each in self._drawn_runs]
        starts = [run.first_epoch for run in runs]
        ends = [run.first_epoch + epochs_of(run) for run in runs]
        own = [first] if last or not runs else []
        span = min([*own, *starts]), max([first + max(1, last), *ends])
        return *span, axis_label(max([first, *starts]))

    def _explain(self, *, averaged: bool = False, edits: Edits = ()) -> int:
        """Write the legend; return the messages sent."""
        if CHOICES[self.shown.value] == (RATE,):
            said = legend_html(self._drawn_runs, best=False, validated=False, edited=bool(edits))
        else:
            said = legend_html(
                self._drawn_runs,
                validated=self._validated,
                averaged=averaged,
                edited=bool(edits),
            )
        before, self.legend.value = self.legend.value, said
        return int(said != before)

    def draw_history(self, history: "History") -> None:
        """Draw a whole run."""
        curves = {name: getattr(history, name) for name in self.names}
        self.draw(curves, best=best_of(history), edits=history.edits, first=history.first_epoch)


def _comparable(earlier: Sequence["History"], others: Sequence["History"]) -> list[ComparedRun]:
    """Choose the earlier runs and the newest of the others, without runs of no epoch."""
    runs = [run for run in earlier if epochs_of(run)]
    more = [run for run in others if epochs_of(run) and not _among(run, runs)]
    runs += more[len(runs) - MOST :] if len(runs) < MOST else []
    runs.sort(key=lambda run: run.run)
    return [ComparedRun.of(run, place) for place, run in enumerate(runs)]


def _among(run: "History", runs: Sequence["History"]) -> bool:
    return any(run is each for each in runs)


def legend_html(
    behind: Sequence[ComparedRun] = (),
    *,
    validated: bool = True,
    averaged: bool = False,
    best: bool = True,
    edited: bool = False,
) -> str:
    """Explain colours, dashes and markers in one line."""
    entries = [
        (True, palette.TRAIN, "training", "━●"),
        (validated, palette.VALIDATION, "validation", "━●"),
        (averaged, palette.VALIDATION, "averaged weights", "╌╌"),
        (best, palette.BEST, "best epoch" if validated else "best epoch in training", "◆"),
        (edited, palette.EDIT, "edited by hand", "▲"),
    ]
    samples = [
        f'<span aria-hidden="true" style="color:{colour};letter-spacing:-1px">{sign}</span> '
        f"{markup.text(name)}"
        for there, colour, name, sign in entries
        if there
    ]
    samples += [f"{each.sample()} {markup.text(markup.isolated(each.name))}" for each in behind]
    spans = (
        f'<span style="margin-right:18px;white-space:nowrap">{sample}</span>' for sample in samples
    )
    return _styled("".join(spans), palette.TEXT_CSS)


def _said(words: str) -> str:
    return _styled(markup.text(words), palette.MUTED_CSS)


def _styled(html: str, colour: str) -> str:
    style = f"font-family:{palette.FONT_CSS};font-size:12px;line-height:1.6;color:{colour}"
    return f'<div style="{style}">{html}</div>'
