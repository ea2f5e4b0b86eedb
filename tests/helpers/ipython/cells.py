"""Cells in a shell: the demo's, and any others."""

from pathlib import Path

import nbformat

DEMO = Path(__file__).parents[3] / "demos" / "01_first_game.ipynb"


BROKEN_MODEL = """\
class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        self.net, self.calls = nn.Sequential(nn.Flatten(), nn.Linear(768, 3)), 0

    def forward(self, x):
        self.calls += self.training
        if self.calls > {}:
            raise ValueError("my own mistake")
        return self.net(x)

net = Broken()
opt = torch.optim.SGD(net.parameters(), lr=0.01)
"""
"""A model of 16 by 16 pixels that fails after so many steps, and its optimizer."""


def run(shell, *cells):
    """Run cells one after another; what one raises is raised here."""
    for cell in cells:
        shell.run_cell(cell).raise_error()


def baseline():
    """Return the sources of the demo's baseline cells."""
    cells = nbformat.read(DEMO, as_version=4).cells
    return [cell.source for cell in cells if "baseline" in cell.metadata.get("tags", [])]
