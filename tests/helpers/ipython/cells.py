"""Cells in a shell: the demo's, and any others."""

from pathlib import Path

import nbformat

DEMO = Path(__file__).parents[3] / "demos" / "01_first_game.ipynb"


def run(shell, *cells):
    """Run cells one after another; what one raises is raised here."""
    for cell in cells:
        shell.run_cell(cell).raise_error()


def baseline():
    """Return the sources of the demo's baseline cells."""
    cells = nbformat.read(DEMO, as_version=4).cells
    return [cell.source for cell in cells if "baseline" in cell.metadata.get("tags", [])]
