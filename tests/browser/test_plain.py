"""Other front ends: Jupyter Notebook, and JupyterLab with our extension switched off."""

import re

import pytest
from browser.lab import SLOW, Notebook, Server, from_epoch
from helpers.images import make_images
from playwright.sync_api import expect

CELLS = (
    "%load_ext jupyter_classgame\n%classgame new insects --team plain --image-size 16 --seed 0",
    "%shop",
    "%%shop\nbuy Foggy lens",
    SLOW,
    "%train --epochs 600",
    "# the last cell",
)
START, SHOP, ORDER, SETUP, LONG, LAST = range(6)


@pytest.fixture
def page(browser, shoot):
    """A page whose scripts of ours must not fail; Notebook's own have an error about settings."""
    page, errors = browser.new_page(), []
    page.on("pageerror", lambda error: errors.append(error.stack or ""))
    yield page
    shoot(page)
    page.close()
    assert [stack for stack in errors if "classgame" in stack] == []


@pytest.fixture(params=["notebook", "lab"])
def app(request):
    return request.param


@pytest.fixture
def notebook(app, tmp_path_factory, chromium, page):
    """A notebook in one of the two."""
    disabled = ["jupyter-classgame-labextension"] if app == "lab" else []
    with Server(tmp_path_factory.mktemp(app), app, disabled) as server:
        make_images(server.root / "insects")
        server.write("plain.ipynb", CELLS)
        yield Notebook(page, server, "plain.ipynb")


def test_a_game_is_played_in_another_front_end(notebook, app, shoot):
    page, shop, chart = notebook.page, notebook.output(SHOP), notebook.output(LONG)
    notebook.run(START, SHOP)
    name = page.locator(".cg-name").get_by_text("Flip trick", exact=True)
    card = shop.locator(".cg-card").filter(has=name)
    card.get_by_role("button", name="Buy", exact=True).click()
    expect(shop.locator(".cg-left")).to_have_text("90 B NN left")
    notebook.run(ORDER, SETUP)
    expect(shop.locator(".cg-left")).to_have_text("85 B NN left")

    notebook.start(LONG)
    expect(chart).to_contain_text(re.compile(from_epoch(2)))
    assert notebook.busy(LONG)
    expect(chart.locator(".bqplot path.line").first).to_have_attribute("d", re.compile("L"))
    shoot(page, "-running")
    chart.get_by_role("button", name="Stop").click()
    notebook.wait(LONG)
    expect(chart.locator("figure img[alt^='run ']")).to_be_visible()
    assert notebook.ask("print(history.stopped_by, game.balance)") == "user 85.0"

    card.get_by_role("button", name="Details", exact=True).click()
    card.get_by_role("button", name="Copy to a new cell").click()
    message = shop.locator(".cg-message")
    ours = page.locator(".jp-Classgame-panel, .jp-Classgame-status")
    cells = page.locator(".jp-Notebook .jp-Cell")
    if app == "lab":
        expect(message).to_contain_text("appears in a new cell below the next cell you run")
        expect(ours).to_have_count(0)
        expect(cells).to_have_count(len(CELLS))
        notebook.run(LAST)
    else:  # it has a place for the panel, though none for the status bar's item
        expect(message).to_contain_text("is in a new cell below the active one")
        expect(ours).to_have_count(1)
    expect(cells).to_have_count(len(CELLS) + 1)
    recipe = notebook.ask("print(game.recipe('flip-trick'))")
    assert recipe in [source.strip() for source in notebook.sources()]
