"""Interactive curves of a run: selection, zoom and comparison."""

from collections.abc import Mapping, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any

import ipywidgets as w
from ipywidgets.widgets.widget_bool import CheckboxStyle
from ipywidgets.widgets.widget_string import HTMLStyle

from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.chart.chart_metrics import ACCURACY, LOSS, NAMES, RATE, ChartMetric
from jupyter_classgame.widgets.chart.compared_runs import ComparedRun
from jupyter_classgame.widgets.chart.curve_figure import CurveFigure
from jupyter_classgame.widgets.chart.curve_points import Edits, best_of, epochs_of
from jupyter_classgame.widgets.frontend import answer_while_busy
from jupyter_classgame.widgets.live_with_twin import close_tree
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

WRAPPED = {"flex_flow": "row wrap", "align_items": "center", "width": "100%"}


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
    """

    names = NAMES
    """The names of the History fields that are drawn."""

    def __init__(
        self,
        earlier: Sequence["History"] = (),
        others: Sequence["History"] = (),
        *,
        validated: bool = True,
    ) -> None:
        self._validated = validated
        self._lock = RLock()
        self._last: dict[str, Any] | None = None
        self.panels: list[CurveFigure] = []
        self._compared = _comparable(earlier, others)
        self.shown = w.ToggleButtons(
            options=list(CHOICES),
            tooltips=[f"Show {name.lower()}, epoch by epoch" for name in CHOICES],
            style={"button_width": "auto"},
        )
        self.log = _toggle("Log scale", "Logarithmic upright axes for loss and learning rate")
        self.whole = _toggle("From 0", "Upright axes from 0; for accuracy from 0 to 1")
        self.zoom = _toggle(
            "Zoom", "In the figures, the wheel zooms and dragging moves what is seen", "search-plus"
        )
        self.reset = w.Button(
            description="Reset zoom",
            tooltip="Show the whole of the curves again",
            icon="arrows-alt",
            layout=w.Layout(width="auto"),
        )
        self.ticks = self._make_ticks(earlier)
        for each in (self.shown, self.log, self.whole, self.zoom, self.reset, *self.ticks):
            answer_while_busy(each)
        for each in (self.shown, self.log, self.whole, *self.ticks):
            each.observe(self._changed, "value")
        self.zoom.observe(self._zoomed, "value")
        self.reset.on_click(self._reset_clicked)
        self.legend = w.HTML(self._legend())
        self._place = w.Box(layout=w.Layout(width="100%"))
        tools = w.HBox(
            [self.shown, self.log, self.whole, self.zoom, self.reset], layout=w.Layout(**WRAPPED)
        )
        self.widget = w.VBox(
            [tools, *self._compare_row(), self.legend, self._place],
            layout=w.Layout(width="100%", max_width="1100px"),
        )
        self._build()

    def _make_ticks(self, chosen: Sequence["History"]) -> list[w.Checkbox]:
        if not self._compared:
            return []
        labels = fitted([each.run.label or "run" for each in self._compared], 28)
        layout, style = w.Layout(width="auto", margin="0 14px 0 0"), CheckboxStyle()
        return [
            w.Checkbox(
                value=_among(each.run, chosen), description=label, indent=False,
                tooltip=f"Compare with {each.run.label}", layout=layout, style=style,
            )
            for each, label in zip(self._compared, labels, strict=True)
        ]  # fmt: skip

    def _compare_row(self) -> list[w.HBox]:
        if not self.ticks:
            return []
        layout, style = w.Layout(margin="0 4px 0 0"), HTMLStyle()
        together = w.Layout(align_items="center", overflow="visible")
        row: list[w.Widget] = [w.HTML(_said("compare with"), layout=layout, style=style)]
        for each, tick in zip(self._compared, self.ticks, strict=True):
            sample = w.HTML(each.sample(), layout=layout, style=style)
            row.append(w.HBox([sample, tick], layout=together))
        return [w.HBox(row, layout=w.Layout(**WRAPPED))]

    # -- clicks -----------------------------------------------------------------------------

    def _changed(self, _change: Any) -> None:
        with self._lock:
            if self._open:
                self._build()

    def _zoomed(self, change: dict[str, Any]) -> None:
        with self._lock:
            for panel in self.panels if self._open else ():
                panel.zoom(on=change["new"])

    def _reset_clicked(self, _button: w.Button) -> None:
        with self._lock:
            self.zoom.value = False
            for panel in self.panels if self._open else ():
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
        before = self._place.children
        measures = CHOICES[self.shown.value]
        behind = [each for each, tick in zip(self._compared, self.ticks, strict=True) if tick.value]
        self.zoom.value = False
        self.log.disabled = not any(measure.logarithmic for measure in measures)
        self.panels = [
            CurveFigure(measure, behind, log=self.log.value, whole=self.whole.value)
            for measure in measures
        ]
        row = w.HBox(
            [panel.figure for panel in self.panels],
            layout=w.Layout(flex_flow="row wrap", width="100%", overflow="hidden"),
        )
        if self._last is not None:
            self.draw(**self._last)
        self._place.children = (row,)
        for old in before:
            close_tree(old)

    # -- drawing ----------------------------------------------------------------------------

    def draw(
        self,
        curves: Mapping[str, Sequence[float]],
        *,
        best: int | None = None,
        tip: tuple[float, float, float] | None = None,
        edits: Edits = (),
        first: int = 0,
    ) -> int:
        """Draw a run so far; ``tip`` is (fraction of epochs, running loss, running accuracy).

        ``first`` is how many epochs the model had been trained for before the run.

        Returns
        -------
        int
            Number of messages sent.
        """
        with self._lock:
            self._last = {
                "curves": curves, "best": best, "tip": tip, "edits": edits, "first": first,
            }  # fmt: skip
            at, means = None, {}
            if tip is not None:
                at, means = tip[0], {LOSS: tip[1], ACCURACY: tip[2]}
            self.legend.value = self._legend(averaged=bool(curves["ema_val_acc"]), edits=edits)
            return sum(
                panel.draw(curves, best, at, means.get(panel.measure), edits, first=first)
                for panel in self.panels
            )

    def _legend(self, *, averaged: bool = False, edits: Edits = ()) -> str:
        if CHOICES[self.shown.value] == (RATE,):
            return legend_html(best=False, validated=False, edited=bool(edits))
        return legend_html(validated=self._validated, averaged=averaged, edited=bool(edits))

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


def _toggle(description: str, tooltip: str, icon: str = "") -> w.ToggleButton:
    return w.ToggleButton(
        description=description, tooltip=tooltip, icon=icon, layout=w.Layout(width="auto")
    )


def legend_html(
    *, validated: bool = True, averaged: bool = False, best: bool = True, edited: bool = False
) -> str:
    """Explain colours and markers in one line."""
    entries = [
        (True, palette.TRAIN, "training", "━●"),
        (validated, palette.VALIDATION, "validation", "━●"),
        (averaged, palette.VALIDATION, "averaged weights", "╌╌"),
        (best, palette.BEST, "best epoch" if validated else "best epoch in training", "◆"),
        (edited, palette.EDIT, "edited by hand", "▲"),
    ]
    spans = "".join(
        f'<span style="margin-right:18px;white-space:nowrap"><span aria-hidden="true" '
        f'style="color:{colour};letter-spacing:-1px">{sign}</span> {markup.text(name)}</span>'
        for there, colour, name, sign in entries
        if there
    )
    return _styled(spans, palette.TEXT_CSS)


def _said(words: str) -> str:
    return _styled(markup.text(words), palette.MUTED_CSS)


def _styled(html: str, colour: str) -> str:
    style = f"font-family:{palette.FONT_CSS};font-size:12px;line-height:1.6;color:{colour}"
    return f'<div style="{style}">{html}</div>'
