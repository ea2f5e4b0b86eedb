"""The static twin of every live chart: what a saved notebook, a page or a PDF shows."""

from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from jupyter_classgame.widgets import matplotlib_figures, palette
from jupyter_classgame.widgets.cards.ensemble_bars import INSIDE
from jupyter_classgame.widgets.cards.report_card import MAX_LIVE
from jupyter_classgame.widgets.cards.sample_images import sheet_html, sheet_text
from jupyter_classgame.widgets.chart.curve_points import (
    MAX_EARLIER,
    accuracy_ticks,
    best_of,
    bounded,
    edit_marks,
    epochs_of,
    loss_ticks,
    summary,
    thin,
)
from jupyter_classgame.widgets.chart.short_names import fitted, short
from jupyter_classgame.widgets.matplotlib_figures import Bundle, font

if TYPE_CHECKING:
    from jupyter_classgame.data.labelled_samples import SampleSheet
    from jupyter_classgame.evaluation.ensemble import Ensemble
    from jupyter_classgame.evaluation.report import Report
    from jupyter_classgame.training.history import History

CHART = "history.chart() shows the last run live; game.histories has them all."
AGAIN = "Running the cell again shows it live."

TOLD = 4
"""Up to this many edits by hand are written beside their marks."""

MANY = f"More than {MAX_LIVE} classes are drawn as a picture only; report.frame() has the numbers."

NUMBERED = 12
"""A confusion matrix of up to this many classes has its numbers written in."""

NAMED = 30
"""How many classes a confusion matrix has room to name; of more, every second or third is."""


def curves(history: "History", earlier: Sequence["History"] = ()) -> Bundle:
    """Draw a run: loss and accuracy, training against validation, earlier runs grey behind."""
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
        _average(axes, getattr(history, f"ema_{val}"))
        _mark_best(axes, getattr(history, val) or getattr(history, train), history)
        _mark_edits(axes, getattr(history, train), history, told=axes is loss)
        longest = max([epochs_of(history), *map(epochs_of, behind)], default=1)
        axes.set_xlim(0.5 if longest < 8 else 0, longest + 0.5)  # noqa: PLR2004
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    shown = [history, *behind]
    losses = loss_ticks(
        _losses(history) + bounded([c for run in behind for c in _losses(run)], _losses(history))
    )
    accuracies = accuracy_ticks(
        [c for run in shown for c in (run.train_acc, run.val_acc)] + [history.ema_val_acc]
    )
    for axes, ticks in ((loss, losses), (accuracy, accuracies)):
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.set_ylim(ticks[0], ticks[-1] + (0.01 if axes is accuracy else 0))
        matplotlib_figures.set_labels(axes, "epoch")
    matplotlib_figures.legend(figure, _legend(history, behind))
    return matplotlib_figures.bundle(figure, summary(history), CHART)


def _losses(history: "History") -> list[list[float]]:
    return [history.train_loss, history.val_loss, history.ema_val_loss]


def _line(
    axes: Axes, values: Sequence[float], colour: str, run: "History", *, width: float = 1.8
) -> None:
    best = best_of(run)
    x, y = thin(values, [best] if best else [])
    dots: dict[str, Any] = {"marker": "o", "markersize": 3.2} if len(x) <= 30 else {}  # noqa: PLR2004
    if colour == palette.EARLIER:
        dots = {"alpha": 0.7, "zorder": 1.5} if len(x) > 1 else {**dots, "zorder": 1.5}
    axes.plot(x, y, color=colour, linewidth=width, linestyle="-", **dots)


def _mark_best(axes: Axes, values: Sequence[float], history: "History") -> None:
    best = best_of(history)
    if best is None or best > len(values):
        return
    axes.plot(
        [best], [values[best - 1]], marker="d", markersize=10, color=palette.BEST,
        markeredgecolor=palette.PAPER, markeredgewidth=0.8, linestyle="none", zorder=4,
        clip_on=False,
    )  # fmt: skip


def _average(axes: Axes, values: Sequence[float]) -> None:
    x, y = thin(values)
    axes.plot(x, y, color=palette.VALIDATION, linewidth=0.9, linestyle="--")


def _mark_edits(axes: Axes, values: Sequence[float], history: "History", *, told: bool) -> None:
    """Mark what was edited by hand on the training curve, and say it where it is not too much."""
    x, y, names = edit_marks(history.edits, values)
    axes.plot(
        x, y, marker="^", markersize=8, color=palette.EDIT, markeredgecolor=palette.PAPER,
        markeredgewidth=0.8, linestyle="none", zorder=5, clip_on=False,
    )  # fmt: skip
    for left, up, name in zip(x, y, names, strict=True) if told and len(names) <= TOLD else ():
        axes.annotate(
            short(name, 28), (float(left), float(up)), xytext=(3, 8), textcoords="offset points",
            fontproperties=font(7.5), color=palette.INK, zorder=6,
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
                label=f"best epoch ({best})",
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


def confusion(report: "Report") -> Bundle:
    """Draw a confusion matrix: a row for each true class, shaded by its share of the row."""
    matrix = np.asarray(report.confusion)
    count = len(report.classes)
    names = fitted(report.classes, 16 if count <= NUMBERED else 10)
    side = min(6.4, max(2.4, 0.42 * count))
    ticks = range(0, count, -(-count // NAMED) or 1)
    longest = max((len(names[i]) for i in ticks), default=0)
    left = 0.45 + 0.075 * longest
    below = 0.4 + 0.07 * longest if _long(names) else 0.5
    figure = matplotlib_figures.new_figure(max(side + left + 0.2, 3.6), side + below + 0.4)
    axes = matplotlib_figures.new_axes(figure, (left, below, side, side), grid=None)
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    heat = LinearSegmentedColormap.from_list("classgame", palette.HEAT)
    shade = PowerNorm(palette.HEAT_GAMMA, vmin=0, vmax=1)
    axes.imshow(share, cmap=heat, norm=shade, interpolation="none", aspect="equal")
    axes.set_xticks(ticks, [names[i] for i in ticks], rotation=90 if _long(names) else 0)
    axes.set_yticks(ticks, [names[i] for i in ticks])
    matplotlib_figures.set_labels(axes, "predicted class", "true class")
    if count <= NUMBERED:
        for (row, column), n in np.ndenumerate(matrix):
            if n:
                dark = share[row, column] > palette.HEAT_DARK
                axes.text(
                    column, row, f"{int(n)}", ha="center", va="center",
                    color=palette.PAPER if dark else palette.INK,
                    fontproperties=font(8.5, "bold" if row == column else "normal"),
                )  # fmt: skip
    axes.set_title(
        f"{report.name}: confusion matrix",
        loc="left", fontproperties=font(10, "bold"), color=palette.INK, pad=8,
    )  # fmt: skip
    caption = AGAIN if count <= MAX_LIVE else MANY
    return matplotlib_figures.bundle(figure, confusion_alt(report), caption)


def confusion_alt(report: "Report") -> str:
    """Say what a confusion matrix shows: the accuracy and the commonest mistake."""
    matrix = np.asarray(report.confusion).copy()
    np.fill_diagonal(matrix, 0)
    said = f"Confusion matrix, {len(report.classes)} classes, accuracy {report.accuracy:.3f}"
    if not matrix.size or matrix.max() == 0:
        return f"{said}; no image was taken for another class"
    row, column = np.unravel_index(matrix.argmax(), matrix.shape)
    return (
        f"{said}; commonest mistake: {report.classes[row]} taken for {report.classes[column]}, "
        f"{int(matrix[row, column])} images"
    )


def bars(ensemble: "Ensemble") -> Bundle:
    """Draw the accuracy of a scored ensemble against each of its members."""
    members, accuracy = ensemble.member_accuracy or [], ensemble.accuracy or 0.0
    rows = [("ensemble", accuracy), *reversed(list(zip(ensemble.names, members, strict=True)))]
    figure = matplotlib_figures.new_figure(6.6, 0.95 + 0.34 * len(rows))
    inset = 0.3 + 0.072 * max(len(short(name, 24)) for name, _ in rows)
    axes = matplotlib_figures.new_axes(
        figure,
        (inset, 0.5, 6.6 - inset - 0.3, 0.34 * len(rows)),
        grid="x",
    )
    colours = [palette.BEST, *[palette.TRAIN] * len(members)]
    places = list(range(len(rows)))
    axes.barh(places, [value for _, value in rows], color=colours, height=0.66)
    for place, (_, value) in zip(places, rows, strict=True):
        inside = value > INSIDE
        axes.text(
            value, place, f"  {value:.3f}  ", va="center", ha="right" if inside else "left",
            color=palette.PAPER if inside else palette.INK,
            fontproperties=font(9, "bold" if place == 0 else "normal"),
        )  # fmt: skip
    axes.set_yticks(places, [short(name, 24) for name, _ in rows])
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    matplotlib_figures.set_labels(axes, f"accuracy on {ensemble.n:,} of {ensemble.data}")
    axes.set_title(
        f"Ensemble of {len(members)}, {ensemble.vote} vote",
        loc="left", fontproperties=font(10, "bold"), color=palette.INK, pad=8,
    )  # fmt: skip
    return matplotlib_figures.bundle(figure, bars_alt(ensemble), AGAIN)


def bars_alt(ensemble: "Ensemble") -> str:
    """Say what the bars show."""
    scores, accuracy = ensemble.member_accuracy or [], ensemble.accuracy or 0.0
    members = ", ".join(f"{n} {v:.3f}" for n, v in zip(ensemble.names, scores, strict=True))
    return (
        f"Ensemble of {len(scores)}, {ensemble.vote} vote: accuracy {accuracy:.3f}; its members "
        f"{members} ({accuracy - max(scores, default=0.0):+.3f} on the best of them)"
    )


def samples(sheet: "SampleSheet") -> Bundle:
    """Give a sheet of labelled images as HTML, and as one PNG picture."""
    count = len(sheet.images)
    columns = min(10, count) or 1
    rows = -(-count // columns) or 1
    figure = matplotlib_figures.new_figure(0.95 * columns + 0.1, 1.25 * rows + 0.1)
    axes = matplotlib_figures.new_axes(figure, (0.05, 0.05, 0.95 * columns, 1.25 * rows), grid=None)
    for index, (image, label) in enumerate(zip(sheet.images, sheet.labels, strict=True)):
        row, column = divmod(index, columns)
        left, top = 0.95 * column + 0.05, 1.25 * row + 0.3
        axes.imshow(
            np.asarray(image), extent=(left, left + 0.85, top + 0.85, top), interpolation="nearest"
        )
        axes.text(
            left, top - 0.06, short(label, 13), fontproperties=font(8), color=palette.INK
        )  # fmt: skip
    axes.set_xlim(0, 0.95 * columns)
    axes.set_ylim(1.25 * rows, 0)
    axes.set_axis_off()
    return {
        "text/html": sheet_html(sheet),
        "image/png": b64encode(matplotlib_figures.png(figure)).decode("ascii"),
        "text/plain": sheet_text(sheet),
    }


def _long(names: Sequence[str]) -> bool:
    return max(map(len, names), default=0) > 3  # noqa: PLR2004
