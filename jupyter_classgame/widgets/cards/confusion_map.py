"""The confusion matrix as a live bqplot heat map."""

from typing import TYPE_CHECKING

import ipywidgets as w
import numpy as np
import numpy.typing as npt

from jupyter_classgame.widgets import palette
from jupyter_classgame.widgets.bqplot_import import bq
from jupyter_classgame.widgets.cards.figure_limits import NUMBERED
from jupyter_classgame.widgets.short_names import fitted

if TYPE_CHECKING:
    from jupyter_classgame.evaluation.report import Report

_STOPS = 9
_TICKS = {"font-size": "11px"}
_TURNED = {**_TICKS, "text-anchor": "end", "translate": "-10px 3px"}


def heat_figure(report: "Report") -> bq.Figure:
    """Make a heat map, a row for each true class; a tooltip shows a cell's share of its row."""
    matrix = np.asarray(report.confusion)
    names = fitted([str(name) for name in report.classes])
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    rows, columns = bq.OrdinalScale(domain=names, reverse=True), bq.OrdinalScale(domain=names)
    cells = bq.GridHeatMap(
        color=share.astype(np.float32),
        row=np.array(names),
        column=np.array(names),
        scales={
            "row": rows,
            "column": columns,
            "color": bq.ColorScale(min=0.0, max=1.0, colors=_shades()),
        },
        stroke=palette.GRID,
        interactions={"hover": "tooltip"},  # its "select" raises for the cells of a grid
        tooltip=bq.Tooltip(
            fields=["row", "column", "color"],
            labels=["true", "predicted", "share of the true class"],
            formats=["", "", ".1%"],
        ),
    )
    numbers = _numbers(matrix, share, names, rows, columns) if len(names) <= NUMBERED else []
    return _frame(names, rows, columns, [cells, *numbers])


def _shades() -> list[str]:
    """Spread the palette so that evenly spaced colours follow the share to ``HEAT_GAMMA``."""
    marks = np.linspace(0, 1, len(palette.HEAT))
    channels = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in palette.HEAT])
    at = np.linspace(0, 1, _STOPS) ** palette.HEAT_GAMMA
    mixed = np.stack([np.interp(at, marks, channel) for channel in channels.T], axis=1)
    return ["#" + "".join(f"{round(value):02x}" for value in colour) for colour in mixed]


def _numbers(
    matrix: npt.NDArray[np.int_],
    share: npt.NDArray[np.float64],
    names: list[str],
    rows: bq.OrdinalScale,
    columns: bq.OrdinalScale,
) -> list[bq.Label]:
    """Label the cells with counts: light on dark cells, dark on light ones, none on empty ones."""
    dark = share > palette.HEAT_DARK
    layers = []
    for where, colour in ((dark, palette.PAPER), (~dark & (matrix > 0), palette.INK)):
        row, column = np.nonzero(where)
        if not len(row):
            continue
        layers.append(
            bq.Label(
                x=np.array([names[i] for i in column]),
                y=np.array([names[i] for i in row]),
                text=[str(int(n)) for n in matrix[where]],
                scales={"x": columns, "y": rows},
                colors=[colour],
                align="middle",
                default_size=11,
                enable_move=False,
            )
        )
    return layers


def _frame(
    names: list[str], rows: bq.OrdinalScale, columns: bq.OrdinalScale, marks: list[bq.Mark]
) -> bq.Figure:
    longest = max(map(len, names))
    turned = longest > 3
    side = min(560, max(240, 34 * len(names)))
    left = 44 + 7 * longest
    below = left if turned else 46
    across = bq.Axis(
        scale=columns,
        label="predicted class",
        label_offset=f"{below - 14}px",
        tick_rotate=-90 if turned else 0,
        label_color=palette.LABEL,
        tick_style=_TURNED if turned else _TICKS,
        grid_lines="none",
    )
    up = bq.Axis(
        scale=rows,
        label="true class",
        side="left",
        label_offset=f"{left - 14}px",
        label_color=palette.LABEL,
        tick_style=_TICKS,
        grid_lines="none",
    )
    return bq.Figure(
        title="Confusion matrix",
        marks=marks,
        axes=[across, up],
        title_style=palette.TITLE_STYLE,
        background_style={"fill": "transparent"},
        fig_margin={"top": 34, "bottom": below, "left": left, "right": 12},
        padding_y=0,
        display_toolbar=False,
        layout=w.Layout(width=f"{side + left + 12}px", height=f"{side + 34 + below}px"),
    )
