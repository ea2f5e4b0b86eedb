"""What is on the page when a kernel has been restarted, and in a dark theme."""

import os
import re
import signal

import pytest
from browser.desk import execute, region, status
from browser.lab import Notebook
from playwright.sync_api import expect

CELLS = (
    "%load_ext jupyter_classgame\n%classgame new insects --team restart --image-size 16 --seed 0",
    "%shop",
    """\
import torch
from torch import nn

torch.manual_seed(0)
train_loader = game.loader("train", batch_size=4)
val_loader = game.loader("val", batch_size=32)
model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)""",
    "%evaluate",
    "%train --epochs 60",
    "%train --epochs 100000 --practice",
)
SHOP, SETUP, EVALUATE, TRAIN, LONG = range(1, 6)

UNDER_WAY = re.compile("epoch [0-9]+/100000")


@pytest.fixture
def notebook(page, server):
    server.write("restart.ipynb", CELLS)
    yield Notebook(page, server, "restart.ipynb")
    server.end_kernels()


def test_a_restart_leaves_the_twins_and_a_line(notebook, shoot):
    notebook.run(SHOP - 1, SHOP, SETUP, EVALUATE)
    expect(notebook.output(EVALUATE).locator(".bqplot")).to_be_visible()
    expect(notebook.output(EVALUATE).get_by_text("was restarted")).to_be_hidden()
    notebook.start(LONG)
    output = notebook.output(LONG)
    expect(output.get_by_text(UNDER_WAY)).to_be_visible()

    notebook.panel("({sessionContext}) => sessionContext.session.kernel.restart()")

    expect(output.get_by_text("this run ended with it")).to_be_visible()
    expect(output.get_by_role("button", name="Stop")).to_be_hidden()
    expect(output.get_by_text(UNDER_WAY)).to_be_hidden()
    signs = "(e) => [...e.querySelectorAll('*')].map(n => getComputedStyle(n, '::before').content)"
    assert not any("\uf127" in sign for sign in output.evaluate(signs)), "a broken link is shown"
    for index, kept in ((SHOP, "table"), (EVALUATE, "img")):
        output = notebook.output(index)
        expect(output.get_by_text("The kernel was restarted: run the cell again")).to_be_visible()
        expect(output.get_by_role(kept).first).to_be_visible()
    expect(notebook.output(SHOP).get_by_role("button", name="Buy").first).to_be_hidden()
    expect(notebook.output(EVALUATE).locator(".bqplot")).to_be_hidden()
    shoot(notebook.output(LONG), "_chart")


def test_a_picture_is_dark_where_the_page_is(notebook, page, shoot):
    notebook.run(SHOP - 1, SETUP, TRAIN, EVALUATE)
    picture = notebook.output(TRAIN).locator("figure")
    cell = notebook.output(EVALUATE).locator(".heatmaprow").first
    drawn = "(e) => getComputedStyle(e).filter"
    assert picture.evaluate(drawn) == cell.evaluate(drawn) == "none"
    page.evaluate(
        "() => jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
    )
    page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    assert "invert" in picture.evaluate(drawn)
    assert "invert" in cell.evaluate(drawn)
    for index in (TRAIN, EVALUATE):
        shoot(notebook.output(index), f"_{index}")


def test_a_kernel_that_was_killed_comes_back_without_a_game_and_with_its_wallet(notebook, page):
    notebook.run(SHOP - 1, SHOP)
    execute(notebook, "classgame:show-panel")
    shop, items = notebook.output(SHOP), region(notebook).get_by_role("region", name="Owned")
    notebook.ask("game.buy('foggy-lens')")
    expect(status(notebook)).to_contain_text("95 B NN")

    os.kill(int(notebook.ask("import os; print(os.getpid())")), signal.SIGKILL)

    dialog = page.locator(".jp-Dialog", has_text="appears to have died")
    dialog.get_by_role("button").last.click()
    expect(region(notebook)).to_contain_text("No game is played in this notebook")
    expect(status(notebook)).to_be_hidden()
    expect(shop.get_by_text("The kernel was restarted: run the cell again")).to_be_visible()
    expect(shop.get_by_role("button", name="Buy").first).to_be_hidden()
    notebook.run(SHOP - 1, SHOP)
    expect(status(notebook)).to_contain_text("95 B NN")
    expect(items).to_contain_text("Foggy lens")
    expect(shop.locator(".cg-left")).to_have_text("95 B NN left")
