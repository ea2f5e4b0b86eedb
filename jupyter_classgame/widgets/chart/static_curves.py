"""The static twin of a run's chart: what a saved notebook, a page or a PDF shows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from jupyter_classgame.training.wording import unvalidated
from jupyter_classgame.widgets import matplotlib_figures, palette
from jupyter_classgame.widgets.chart.curve_points import (
    MAX_EARLIER,
    accuracy_ticks,
    axis_label,
    best_of,
    bounded,
    edit_marks,
    epoch_ticks,
    epochs_of,
    loss_ticks,
    summary,
    thin,
)
from jupyter_classgame.widgets.matplotlib_figures import Bundle, font
from jupyter_classgame.widgets.run.run_failure import failure_html
from jupyter_classgame.widgets.short_names import short

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History

CAPTION = "history.chart() shows the last run live; game.histories has them all."

MAX_NAMED = 4
"""Up to this many edits by hand are described, with the epochs that were done."""


@matplotlib_figures.own_style()
def curves(history: "History", earlier: Sequence["History"] = ()) -> Bundle:
    """Draw loss and accuracy of a run, training and validation, over earlier runs in grey."""
    behind = [run for run in earlier if epochs_of(run)][-MAX_EARLIER:]
    figure = matplotlib_figures.new_figure(9.2, 3.05)
    loss = matplotlib_figures.new_axes(figure, (0.55, 0.42, 3.85, 2.0), "Loss")
    accuracy = matplotlib_figures.new_axes(figure, (5.15, 0.42, 3.85, 2.0), "Accuracy")
    for axes, train, val in (
        (loss, "train_loss", "val_loss"),
        (accuracy, "train_acc", "val_acc"),
    ):
        for run in behind:
            _line(axes, getattr(run, val) or getattr(run, train), palette.EARLIER, run, width=1.0)
        _line(axes, getattr(history, train), palette.TRAIN, history)
        _line(axes, getattr(history, val), palette.VALIDATION, history)
        _average(axes, getattr(history, f"ema_{val}"), history)
        _mark_best(axes, getattr(history, val) or getattr(history, train), history)
        _mark_edits(axes, getattr(history, train), history, named=axes is loss)
        epochs = epoch_ticks(
            max(run.first_epoch + epochs_of(run) for run in (history, *behind)),
            min(run.first_epoch for run in (history, *behind)),
        )
        axes.set_xticks(epochs, [str(epoch) for epoch in epochs])
        axes.set_xlim(epochs[0], epochs[-1] + 0.02 * (epochs[-1] - epochs[0]))
    shown = [history, *behind]
    losses = loss_ticks(
        _losses(history) + bounded([c for run in behind for c in _losses(run)], _losses(history))
    )
    accuracies = accuracy_ticks(
        [c for run in shown for c in (run.train_acc, run.val_acc)] + [history.ema_val_acc]
    )
    for axes, ticks in ((loss, losses), (accuracy, accuracies)):
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.set_ylim(ticks[0], ticks[-1])
        life = max(run.first_epoch for run in shown)
        matplotlib_figures.set_labels(axes, axis_label(life))
    matplotlib_figures.legend(figure, _legend(history, behind))
    bundle = matplotlib_figures.bundle(figure, summary(history), CAPTION)
    return {**bundle, "text/html": failure_html(history) + bundle["text/html"]}


def _losses(history: "History") -> list[list[float]]:
    return [history.train_loss, history.val_loss, history.ema_val_loss]


def _line(
    axes: Axes, values: Sequence[float], colour: str, run: "History", *, width: float = 1.8
) -> None:
    best = best_of(run)
    x, y = thin(values, [best] if best else [])
    dots: dict[str, Any] = {"marker": "o", "markersize": 3.2} if len(x) <= 30 else {}
    if colour == palette.EARLIER:
        dots = {"alpha": 0.7, "zorder": 1.5} if len(x) > 1 else {**dots, "zorder": 1.5}
    axes.plot(x + run.first_epoch, y, color=colour, linewidth=width, linestyle="-", **dots)


def _mark_best(axes: Axes, values: Sequence[float], history: "History") -> None:
    best = best_of(history)
    if best is None or best > len(values):
        return
    axes.plot(
        [history.first_epoch + best], [values[best - 1]], marker="d", markersize=10,
        color=palette.BEST, markeredgecolor=palette.PAPER, markeredgewidth=0.8, linestyle="none",
        zorder=4, clip_on=False,
    )  # fmt: skip


def _average(axes: Axes, values: Sequence[float], history: "History") -> None:
    x, y = thin(values)
    axes.plot(x + history.first_epoch, y, color=palette.VALIDATION, linewidth=0.9, linestyle="--")


def _mark_edits(axes: Axes, values: Sequence[float], history: "History", *, named: bool) -> None:
    """Mark edits by hand on the training curve, and describe them where there are few."""
    x, y, names = edit_marks(history.edits, values)
    x = x + history.first_epoch
    axes.plot(
        x, y, marker="^", markersize=8, color=palette.EDIT, markeredgecolor=palette.PAPER,
        markeredgewidth=0.8, linestyle="none", zorder=5, clip_on=False,
    )  # fmt: skip
    described = zip(x, names, strict=True) if named and len(names) <= MAX_NAMED else ()
    for line, (epoch, name) in enumerate(described):  # in a corner, as marks may be near each other
        axes.annotate(
            f"▲ {float(epoch):.4g}: {short(name, 28)}", (1, 1), xycoords="axes fraction",
            xytext=(-2, -10 * line), textcoords="offset points", ha="right", va="top",
            fontproperties=font(7.5), color=palette.INK, zorder=6,
            bbox={"facecolor": palette.PAPER, "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
        )  # fmt: skip


def _legend(history: "History", behind: Sequence["History"]) -> list[Line2D]:
    handles = [Line2D([], [], color=palette.TRAIN, linewidth=2, label="training")]
    if history.val_acc:
        handles.append(Line2D([], [], color=palette.VALIDATION, linewidth=2, label="validation"))
    if history.ema_val_acc:
        handles.append(
            Line2D(
                [], [], color=palette.VALIDATION, linewidth=0.9, linestyle="--",
                label="averaged weights",
            )
        )  # fmt: skip
    if (best := best_of(history)) is not None:
        handles.append(
            Line2D(
                [], [], color=palette.BEST, marker="d", markersize=7, linestyle="none",
                label=(
                    f"best epoch ({history.first_epoch + best}){unvalidated(history.monitor)}"
                ),
            )
        )  # fmt: skip
    if history.edits:
        handles.append(
            Line2D(
                [], [], color=palette.EDIT, marker="^", markersize=7, linestyle="none",
                label="edited by hand",
            )
        )  # fmt: skip
    if behind:
        label = "earlier run" if len(behind) == 1 else f"{len(behind)} earlier runs"
        handles.append(Line2D([], [], color=palette.EARLIER, linewidth=1, label=label))
    return handles
