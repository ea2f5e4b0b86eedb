"""A notebook played in a real kernel with nobody attached."""

import nbformat
import pytest
from helpers.images import make_images
from nbclient import NotebookClient
from notebooks.kernels import PATIENCE

from jupyter_classgame.widgets.cell_output import WIDGET_VIEW

CELLS = (
    "%load_ext jupyter_classgame\n%classgame new FOLDER --team red --image-size 16 --seed 0",
    "%shop",
    "game.buy('flip-trick')",
    """\
import torch
from torch import nn
train_loader = game.loader("train", batch_size=8)
model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
%train --epochs 2""",
    "history.chart()",
    "%evaluate",
)
SHOP, TRAIN, CHART, EVALUATE = 1, 3, 4, 5


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    folder = make_images(tmp_path_factory.mktemp("images") / "insects")
    cells = [nbformat.v4.new_code_cell(cell.replace("FOLDER", str(folder))) for cell in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(
        notebook, timeout=PATIENCE, startup_timeout=PATIENCE, kernel_name="python3"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        client.execute()
    return notebook


def displayed(notebook, cell):
    return [output["data"] for output in notebook.cells[cell].outputs if "data" in output]


def test_the_shops_twin_is_as_the_wallet_is_at_the_end(notebook):
    live, twin = displayed(notebook, SHOP)
    assert WIDGET_VIEW in live
    assert twin["text/html"].count("✓ owned") == 1
    assert "90 B NN left of 100 B NN" in twin["text/html"]


def test_a_runs_chart_is_static_at_the_end(notebook):
    shown = displayed(notebook, TRAIN)
    assert not any(WIDGET_VIEW in data for data in shown)
    assert "data:image/svg+xml;base64," in shown[0]["text/html"]
    assert "2 epochs, best epoch" in shown[0]["text/plain"]


@pytest.mark.parametrize("cell", [CHART, EVALUATE])
def test_what_is_live_has_its_twin_below(notebook, cell):
    live, twin = displayed(notebook, cell)
    assert WIDGET_VIEW in live
    assert "data:image/svg+xml;base64," in twin["text/html"]
    assert "image/png" in twin


def test_no_cell_complains(notebook):
    streams = [o for cell in notebook.cells for o in cell.outputs if o.output_type == "stream"]
    assert [o.text for o in streams if o.name == "stderr"] == []
