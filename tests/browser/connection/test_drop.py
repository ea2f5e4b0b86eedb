"""A network that drops out while a run goes on, and comes back."""

import re

import pytest
from browser.cable import Cable
from browser.desk import execute, region, status
from browser.lab import SLOW, Notebook, until
from playwright.sync_api import expect

CELLS = (
    "%load_ext jupyter_classgame\n%classgame new insects --team drops --image-size 16 --seed 0",
    "%shop",
    SLOW
    + """

from jupyter_classgame.events import EpochEnded

def note(event):  # where it can be read without a network
    if isinstance(event, EpochEnded):
        with open("epochs", "a") as file:
            file.write(f"{event.epoch} ")

game.events.subscribe(note)""",
    "%train --epochs 600",
)
START, SHOP, SETUP, LONG = range(4)


@pytest.fixture
def cable(server):
    cable = Cable(server.url)
    yield cable
    cable.cut()


def close_dialog(page, title):
    """Close a dialog of JupyterLab's whenever it stands in the way; how soon it comes varies."""
    dialog = page.locator(".jp-Dialog", has_text=title)
    page.add_locator_handler(dialog, lambda: dialog.get_by_role("button", name="Close").click())


@pytest.fixture
def notebook(page, server, cable):
    close_dialog(page, "Server Connection Error")
    server.write("drop.ipynb", CELLS)
    yield Notebook(page, server, "drop.ipynb", cable.url)
    server.end_kernels()


def buy(notebook, item):
    name = notebook.page.locator(".cg-name").get_by_text(item, exact=True)
    card = notebook.output(SHOP).locator(".cg-card").filter(has=name)
    card.get_by_role("button", name=re.compile("^Buy")).click()


def epoch(notebook):
    """The epoch that the chart tells of."""
    return int(re.search(r"epoch (\d+)/600", notebook.output(LONG).inner_text())[1])


def ended(notebook):
    """How many epochs have ended, read beside the network; none may have when this is asked."""
    noted = notebook.server.root / "epochs"
    return len(noted.read_text().split()) if noted.exists() else 0


def test_after_a_drop_in_the_middle_of_a_run_all_is_right_again(notebook, cable, shoot):
    page, shop = notebook.page, notebook.output(SHOP)
    notebook.run(START, SHOP, SETUP)
    execute(notebook, "classgame:show-panel")
    notebook.start(LONG)
    run = region(notebook).get_by_role("region", name="run 1: model")
    expect(run).to_contain_text(re.compile(r"epoch [1-9]\d* of 600"))
    expect(notebook.output(LONG)).to_contain_text(re.compile(r"epoch \d+/600"))

    cable.cut()
    expect(region(notebook)).to_contain_text("Waiting for the kernel")
    expect(status(notebook)).to_be_hidden()
    before = epoch(notebook)
    for _ in range(2):  # impatiently
        buy(notebook, "Neural turbo boost")
    shoot(page, "-cut")
    seen = ended(notebook)
    until(page, lambda: ended(notebook), lambda now: now >= seen + 2)  # unseen
    cable.mend()

    expect(region(notebook)).to_contain_text("team drops")
    expect(shop.locator(".cg-left")).to_have_text(re.compile("^[86]0 B NN left"))
    left = shop.locator(".cg-left").inner_text().removesuffix(" left")
    assert notebook.busy(LONG)
    expect(run).to_contain_text(re.compile(r"epoch \d+ of 600"))
    expect(status(notebook)).to_contain_text(re.compile(rf"{left} · epoch \d+ of 600"))
    until(page, lambda: epoch(notebook), lambda later: later > before + 1)
    buy(notebook, "Flip trick")
    left = f"{int(left.split()[0]) - 10} B NN"
    expect(shop.locator(".cg-left")).to_have_text(f"{left} left")
    expect(status(notebook)).to_contain_text(left)
    expect(region(notebook)).to_contain_text("Flip trick")

    run.get_by_role("button", name="Stop").click()
    notebook.wait(LONG)
    expect(run).to_contain_text("finished")
    expect(notebook.output(LONG).locator("figure img[alt^='run ']")).to_be_visible()
    said = notebook.ask("print(history.stopped_by, game.balance, game.owned['neural-turbo-boost'])")
    assert said == f"user {left.split()[0]}.0 1"
