"""The images in a cell of a confusion matrix: by a click on it, or from a list by keyboard."""

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.cards.sample_images import data_uri, rendering

if TYPE_CHECKING:
    from jupyter_classgame.evaluation.report import Report

SIDE = 64
"""Width of an image as shown, in CSS pixels."""

CHOOSE = "Click a cell, or choose one here"


def with_images(report: "Report", cells: Any, shown: w.HBox) -> w.VBox:
    """Put a list of the cells, mistakes first, and the images of the chosen one below a heat map.

    Parameters
    ----------
    report
        With samples.
    cells
        The heat map's grid; it tells which of its cells is clicked.
    shown
        What stands above.
    """
    wide = w.Layout(width="auto", max_width="640px")
    chosen = w.Dropdown(
        options=[(CHOOSE, ()), *((_named(report, cell), cell) for cell in _ordered(report))],
        layout=wide,
    )
    images = w.HTML(layout=wide)

    def show(change: dict[str, Any]) -> None:
        images.value = _images(report, change["new"]) if change["new"] else ""

    def click(_cells: Any, message: dict[str, Any]) -> None:
        picked = message["data"]["rowNum"], message["data"]["columnNum"]
        if picked in report.samples:
            chosen.value = picked

    chosen.observe(show, "value")
    cells.on_element_click(click)
    return w.VBox([shown, chosen, images], layout=w.Layout(width="100%"))


def _ordered(report: "Report") -> list[tuple[int, int]]:
    """Order the cells: mistakes first, the commonest first."""
    return sorted(
        report.samples, key=lambda cell: (cell[0] == cell[1], -_count(report, cell), cell)
    )


def _count(report: "Report", cell: tuple[int, int]) -> int:
    return int(report.confusion[cell])


def _named(report: "Report", cell: tuple[int, int]) -> str:
    """Name a cell and say how many images are in it."""
    true, predicted = (report.classes[number] for number in cell)
    count = _count(report, cell)
    number = "1 image" if count == 1 else f"{count:,} images"
    said = f"{true}, recognised" if true == predicted else f"{true} taken for {predicted}"
    return f"{said}: {number}"


def _images(report: "Report", cell: tuple[int, int]) -> str:
    """Lay the images of a cell out, and say how many more there are."""
    name, kept = _named(report, cell), report.samples[cell]
    pictures = "".join(
        f'<img alt="{markup.text(name)}, image {number}" src="{data_uri(image)}" '
        f'style="width:{SIDE}px;border-radius:4px;image-rendering:{rendering(image)}">'
        for number, image in enumerate(kept, start=1)
    )
    more = _count(report, cell) - len(kept)
    rest = markup.line(f"and {more:,} more") if more > 0 else ""
    return (
        f'<div style="font-family:{palette.FONT_CSS};display:flex;flex-wrap:wrap;gap:6px">'
        f"{pictures}</div>{rest}"
    )
