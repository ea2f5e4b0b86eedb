"""The static twins of a confusion matrix, of an ensemble's bars and of sample images."""

from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, PowerNorm

from jupyter_classgame.training.wording import score_text
from jupyter_classgame.widgets import matplotlib_figures, palette
from jupyter_classgame.widgets.cards.figure_limits import INSIDE, MAX_LIVE, NUMBERED
from jupyter_classgame.widgets.cards.sample_images import sheet_html, sheet_text
from jupyter_classgame.widgets.matplotlib_figures import Bundle, font
from jupyter_classgame.widgets.short_names import fitted, short

if TYPE_CHECKING:
    from jupyter_classgame.data.labelled_samples import SampleSheet
    from jupyter_classgame.evaluation.model_ensemble import Ensemble
    from jupyter_classgame.evaluation.report import Report

AGAIN = "Running the cell again shows it live."

MANY = f"More than {MAX_LIVE} classes are drawn as a picture only; report.frame() has the numbers."

NAMED = 30
"""Most class names beside a confusion matrix; with more, every second or third is named."""


@matplotlib_figures.own_style()
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
    """Describe a confusion matrix: its accuracy and its most common mistake."""
    matrix = np.asarray(report.confusion).copy()
    np.fill_diagonal(matrix, 0)
    said = (
        f"Confusion matrix, {len(report.classes)} classes, accuracy {score_text(report.accuracy)}"
    )
    if not matrix.size or matrix.max() == 0:
        return f"{said}; no image was taken for another class"
    row, column = np.unravel_index(matrix.argmax(), matrix.shape)
    return (
        f"{said}; commonest mistake: {report.classes[row]} taken for {report.classes[column]}, "
        f"{int(matrix[row, column]):,} images"
    )


@matplotlib_figures.own_style()
def bars(ensemble: "Ensemble") -> Bundle:
    """Draw the accuracy of a scored ensemble and of each of its members."""
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
            value, place, f"  {score_text(value)}  ", va="center", ha="right" if inside else "left",
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
    """Describe the bars of an ensemble."""
    scores, accuracy = ensemble.member_accuracy or [], ensemble.accuracy or 0.0
    members = ", ".join(f"{n} {score_text(v)}" for n, v in zip(ensemble.names, scores, strict=True))
    return (
        f"Ensemble of {len(scores)}, {ensemble.vote} vote: accuracy {score_text(accuracy)}; "
        f"its members {members} ({accuracy - max(scores, default=0.0):+.4f} on the best of them)"
    )


@matplotlib_figures.own_style()
def samples(sheet: "SampleSheet") -> Bundle:
    """Export a sheet of labelled images as HTML and as one PNG."""
    columns = min(10, max(map(len, sheet.groups))) or 1
    lines = [
        group[n : n + columns] for group in sheet.groups for n in range(0, len(group), columns)
    ]
    places = [(row, column) for row, line in enumerate(lines) for column in range(len(line))]
    rows = len(lines) or 1
    figure = matplotlib_figures.new_figure(0.95 * columns + 0.1, 1.25 * rows + 0.1)
    axes = matplotlib_figures.new_axes(figure, (0.05, 0.05, 0.95 * columns, 1.25 * rows), grid=None)
    for (row, column), image, label in zip(places, sheet.images, sheet.labels, strict=True):
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
    return max(map(len, names), default=0) > 3
