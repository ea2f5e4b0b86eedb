"""The two bqplot panels of a run, loss and accuracy, drawn within what a browser keeps up with."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import ipywidgets as w
import numpy as np

from . import markup, palette
from .plotting import bq
from .series import (
    MAX_EARLIER,
    Edits,
    Floats,
    accuracy_ticks,
    best_of,
    edit_marks,
    epochs_of,
    loss_ticks,
    thin,
)

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History

EARLIER_POINTS = 50
"""Most points of an earlier run's curve."""

EMA_POINTS = 40
"""Most points of the curve of the averaged weights."""

DOTTED = 30
"""A curve of up to this many epochs has a dot at each."""

GRID = "rgba(128, 138, 148, 0.28)"
"""Grid lines, faint on a light and on a dark page."""

EMPTY: Floats = np.zeros(0, dtype=np.float32)


class Panel:
    """One figure: training and validation, best epoch, edits by hand, and earlier runs behind.

    Parameters
    ----------
    title
        Above the figure.
    epochs
        Length of the axis.
    earlier
        Curves of earlier runs, one value an epoch.
    accuracy
        Whether the values are accuracies, which end at 1.
    """

    def __init__(
        self, title: str, epochs: int, earlier: Sequence[Sequence[float]], *, accuracy: bool
    ) -> None:
        self._ticks_of = accuracy_ticks if accuracy else loss_ticks
        self._behind = earlier
        self._placed = 0, 0
        last = float(max([epochs, 1, *map(len, earlier)]))
        self._x = bq.LinearScale(min=0.0, max=last * 1.02)
        self._y = bq.LinearScale(min=0.0, max=1.0)
        self._up = bq.Axis(
            scale=self._y, side="left", grid_color=GRID, grid_lines="solid",
            tick_format="~g", tick_style={"font-size": "11px"},
        )  # fmt: skip
        scales = {"x": self._x, "y": self._y}
        behind = [
            self._line(scales, palette.EARLIER, *thin(curve, limit=EARLIER_POINTS), quiet=True)
            for curve in earlier
        ]
        self._train = self._line(scales, palette.TRAIN)
        self._val = self._line(scales, palette.VALIDATION)
        self._ema = self._line(scales, palette.VALIDATION, thin_=True)
        self._edits = bq.Scatter(
            x=EMPTY, y=EMPTY, names=[], display_names=False, scales=scales, colors=[palette.EDIT],
            marker="triangle-up", default_size=90, stroke=palette.PAPER,
            tooltip=bq.Tooltip(fields=["name"], show_labels=False),
        )  # fmt: skip
        self._best = bq.Scatter(
            x=EMPTY, y=EMPTY, scales=scales, colors=[palette.BEST], marker="diamond",
            default_size=110, stroke=palette.PAPER,
        )  # fmt: skip
        self.figure = bq.Figure(
            title=title,
            marks=[*behind, self._train, self._val, self._ema, self._best, self._edits],
            axes=[self._across(int(last)), self._up],
            background_style={"fill": "transparent"},
            fig_margin={"top": 34, "bottom": 40, "left": 46, "right": 14},
            title_style=palette.TITLE_STYLE,
            padding_x=0.0,
            padding_y=0.0,
            animation_duration=0,
            display_toolbar=False,
            layout=w.Layout(width="auto", height="250px", min_width="260px", flex="1 1 300px"),
        )
        self._fit([])

    @staticmethod
    def _line(
        scales: dict[str, bq.Scale], colour: str, x: Floats = EMPTY, y: Floats = EMPTY, *,
        quiet: bool = False, thin_: bool = False,
    ) -> bq.Lines:  # fmt: skip
        return bq.Lines(
            x=x, y=y, scales=scales, colors=[colour], stroke_width=1.0 if quiet or thin_ else 2.2,
            marker=None if thin_ or (quiet and len(x) > 1) else "circle", marker_size=22,
            opacities=[0.8 if quiet else 1.0], line_style="dashed" if thin_ else "solid",
        )  # fmt: skip

    def _across(self, last: int) -> bq.Axis:
        step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, last) if last / s <= 8)  # noqa: PLR2004
        return bq.Axis(
            scale=self._x, label="epoch", label_offset="30px", label_color=palette.LABEL,
            grid_lines="none", tick_values=np.arange(0, last + 1, step, dtype=np.float32),
            tick_format="d", tick_style={"font-size": "11px"},
        )  # fmt: skip

    def _fit(self, curves: Sequence[Sequence[float]]) -> int:
        """Let the vertical axis reach over the curves and the earlier ones, with round ticks."""
        ticks = np.array(self._ticks_of([*curves, *self._behind]), dtype=np.float32)
        if np.array_equal(self._up.tick_values, ticks):
            return 0
        with self._y.hold_sync():
            self._y.min = float(ticks[0])
            self._y.max = float(ticks[-1]) + (0.01 if self._ticks_of is accuracy_ticks else 0.0)
        self._up.tick_values = ticks
        return 2

    def draw(
        self,
        train: Sequence[float],
        val: Sequence[float],
        best: int | None,
        tip: tuple[float, float] | None = None,
        ema: Sequence[float] = (),
        edits: Edits = (),
    ) -> int:
        """Show the curves so far.

        ``tip`` is the running mean at a fraction of an epoch, ``ema`` the validation of the
        averaged weights, and ``edits`` are marked on the training curve.

        Returns
        -------
        int
            How many messages that took.
        """
        keep = [best] if best else []
        sent = self._put(self._train, *thin(train, keep), tip)
        sent += self._put(self._val, *thin(val, keep), None)
        sent += self._put(self._ema, *thin(ema, limit=EMA_POINTS), None)
        if edits and (len(edits), len(train)) != self._placed:  # where they stand moves with epochs
            self._placed = len(edits), len(train)
            with self._edits.hold_sync():
                self._edits.x, self._edits.y, self._edits.names = edit_marks(edits, train, tip)
            sent += 1
        ranked = val or train
        spot = EMPTY, EMPTY
        if best and best <= len(ranked):
            spot = (np.array([best], np.float32), np.array([ranked[best - 1]], np.float32))
        sent += _assign(self._best, *spot)
        return sent + self._fit([train, val, ema, *([[tip[1]]] if tip else [])])

    @staticmethod
    def _put(line: bq.Lines, x: Floats, y: Floats, tip: tuple[float, float] | None) -> int:
        if tip is not None:
            x, y = np.append(x, np.float32(tip[0])), np.append(y, np.float32(tip[1]))
        sent = _assign(line, x, y)
        if len(x) > DOTTED and line.marker is not None:
            line.marker = None
        return sent


def _assign(mark: bq.Mark, x: Floats, y: Floats) -> int:
    """Send both coordinates in one message, or none where nothing changed; give how many."""
    if np.array_equal(mark.x, x) and np.array_equal(mark.y, y):
        return 0
    with mark.hold_sync():
        mark.x, mark.y = x, y
    return 1


class Panels:
    """Loss and accuracy side by side, with one legend.

    Parameters
    ----------
    epochs
        Length of the axes, in epochs.
    earlier
        Earlier runs; the last few that have an epoch stand behind.
    validated
        Whether there will be validation numbers.
    """

    def __init__(
        self, epochs: int, earlier: Sequence["History"], *, validated: bool = True
    ) -> None:
        behind = [run for run in earlier if epochs_of(run)][-MAX_EARLIER:]
        self._behind, self._validated = behind, validated
        self._legend = w.HTML(legend_html(behind, validated=validated))
        self.loss = Panel(
            "Loss", epochs, [run.val_loss or run.train_loss for run in behind], accuracy=False
        )
        self.accuracy = Panel(
            "Accuracy", epochs, [run.val_acc or run.train_acc for run in behind], accuracy=True
        )
        self.widget = w.VBox(
            [
                self._legend,
                w.HBox(
                    [self.loss.figure, self.accuracy.figure],
                    layout=w.Layout(flex_flow="row wrap", width="100%", overflow="hidden"),
                ),
            ],
            layout=w.Layout(width="100%", max_width="1100px"),
        )

    names = ("train_loss", "val_loss", "ema_val_loss", "train_acc", "val_acc", "ema_val_acc")
    """The numbers that are drawn, by History's names."""

    def draw(
        self,
        curves: Mapping[str, Sequence[float]],
        *,
        best: int | None,
        tip: tuple[float, float, float] | None = None,
        edits: Edits = (),
    ) -> int:
        """Show a run so far; ``tip`` is (fraction of epochs, running loss, running accuracy).

        Returns
        -------
        int
            How many messages that took.
        """
        sent = 0
        for place, (panel, kind) in enumerate(((self.loss, "loss"), (self.accuracy, "acc"))):
            sent += panel.draw(
                curves[f"train_{kind}"],
                curves[f"val_{kind}"],
                best,
                tip and (tip[0], tip[1 + place]),
                curves[f"ema_val_{kind}"],
                edits,
            )
        self._legend.value = legend_html(
            self._behind,
            validated=self._validated,
            averaged=bool(curves["ema_val_acc"]),
            edited=bool(edits),
        )
        return sent

    def draw_history(self, history: "History") -> None:
        """Show a whole run."""
        curves = {name: getattr(history, name) for name in self.names}
        self.draw(curves, best=best_of(history), edits=history.edits)


def legend_html(
    behind: Sequence["History"],
    *,
    validated: bool = True,
    averaged: bool = False,
    edited: bool = False,
) -> str:
    """Name the colours in one line."""
    entries = [(palette.TRAIN, "training", "━●")]
    if validated:
        entries.append((palette.VALIDATION, "validation", "━●"))
    if averaged:
        entries.append((palette.VALIDATION, "averaged weights", "╌╌"))
    entries.append((palette.BEST, "best epoch", "◆"))
    if edited:
        entries.append((palette.EDIT, "edited by hand", "▲"))
    if behind:
        names = ", ".join(run.label or "earlier run" for run in behind)
        entries.append((palette.EARLIER, names, "━"))
    spans = "".join(
        f'<span style="margin-right:18px;white-space:nowrap"><span aria-hidden="true" '
        f'style="color:{colour};letter-spacing:-1px">{sign}</span> {markup.text(name)}</span>'
        for colour, name, sign in entries
    )
    return (
        f'<div style="font-family:{palette.FONT_CSS};font-size:12px;line-height:1.6;'
        f'color:{palette.TEXT_CSS}">{spans}</div>'
    )
