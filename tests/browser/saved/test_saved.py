"""A saved notebook opened again: without its widgets, trusted or not, nothing on it is blank."""

import re

import nbformat
import pytest
from browser.lab import Notebook
from playwright.sync_api import expect

CELLS = (
    "%load_ext jupyter_classgame\n%classgame new insects --team saved --image-size 16 --seed 0",
    "%shop",
    "%%shop\nbuy Ensemble enchanter, Flip trick",
    """\
import torch
from torch import nn

torch.manual_seed(0)
train_loader = game.loader("train", batch_size=4)
val_loader = game.loader("val", batch_size=32)
models = [nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 3)) for _ in range(2)]
first, second = models
optimizers = [torch.optim.SGD(model.parameters(), lr=0.01) for model in models]""",
    "%train first optimizers[0] --epochs 3",
    "%train second optimizers[1] --epochs 3",
    "history.chart()",
    "%evaluate first",
    "%ensemble models",
)
SHOP, ORDER, SETUP, FIRST, SECOND, CHART, EVALUATE, ENSEMBLE = range(1, 9)

PICTURES = {
    FIRST: "^run 1: first: 3 epochs, best epoch",
    SECOND: "^run 2: second: 3 epochs, best epoch",
    CHART: "^run 2: second: 3 epochs, best epoch",
    EVALUATE: "^Confusion matrix, 3 classes",
    ENSEMBLE: "^Ensemble of 2, soft vote",
}


@pytest.fixture(scope="module")
def saved(browser, server):
    """A notebook that was played and saved in JupyterLab; its kernel is gone."""
    page = browser.new_page()
    server.write("saved.ipynb", CELLS)
    notebook = Notebook(page, server, "saved.ipynb")
    notebook.run(*range(len(CELLS)))
    expect(notebook.output(ENSEMBLE).locator(".bqplot")).to_be_visible()
    notebook.save()
    page.close()
    server.end_kernels()
    return server.root / "saved.ipynb"


@pytest.fixture
def reopen(page, server):
    """Opens a file of the server's on a new page, with a new kernel."""
    yield lambda path: Notebook(page, server, path.name)
    server.end_kernels()


def trusted(notebook):
    """Whether JupyterLab trusts the cells."""
    return notebook.panel("panel => [...panel.content.model.cells].map(cell => cell.trusted)")


def expect_everything(notebook):
    for index, description in PICTURES.items():
        shown = notebook.output(index).locator("figure img")
        shown.scroll_into_view_if_needed()
        expect(shown).to_be_visible()
        expect(shown).to_have_attribute("alt", re.compile(description))
        assert shown.evaluate("async (img) => { await img.decode(); return img.naturalWidth; }")
        assert shown.bounding_box()["width"] > 200
    for index in (SHOP, ORDER):
        expect(notebook.output(index)).to_contain_text("30 B NN")
        expect(notebook.output(index).get_by_role("table")).to_be_visible()
    expect(notebook.output(SHOP).get_by_text("✓ owned")).to_have_count(2)
    for index in range(len(CELLS)):
        assert "widget" not in notebook.output(index).inner_text()  # "Error displaying widget"
    expect(notebook.output(ENSEMBLE).get_by_role("table")).to_contain_text("models[1]")


def test_the_saved_notebook_shows_everything(saved, reopen):
    notebook = reopen(saved)
    assert all(trusted(notebook))
    expect_everything(notebook)


def test_an_untrusted_notebook_shows_everything(saved, reopen):
    foreign = nbformat.read(saved, as_version=4)
    foreign.cells.append(nbformat.v4.new_code_cell("# from elsewhere"))  # breaks the signature
    copy = saved.with_name("foreign.ipynb")
    nbformat.write(foreign, copy)
    notebook = reopen(copy)
    assert not any(trusted(notebook)[:-1])
    expect_everything(notebook)
