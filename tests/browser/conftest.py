"""A JupyterLab server with a home of its own, a browser, and a picture at the end of every test."""

import re
import shutil
from os import environ
from pathlib import Path

import pytest
from browser.lab import Notebook, Server
from helpers.images import make_images
from notebooks.demos import demo
from playwright.sync_api import sync_playwright

PICTURES = Path(__file__).parents[2] / "out" / "browser"

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PATIENCE = 120_000
"""Milliseconds for anything to appear; long, as the machine may be busy with other things."""


@pytest.fixture(scope="session")
def chromium():
    """The browser's path."""
    programs = ("chromium", "chromium-browser", "google-chrome")
    found = environ.get("CHROMIUM") or next(filter(None, map(shutil.which, programs)), None)
    if found is None:
        message = f"no browser: none of {', '.join(programs)} is on the path, CHROMIUM is not set"
        if environ.get("CI", "").lower() == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture(scope="session")
def server(tmp_path_factory, chromium):
    """A running JupyterLab whose root folder holds a folder of images."""
    with Server(tmp_path_factory.mktemp("lab")) as server:
        make_images(server.root / "insects")
        yield server


@pytest.fixture(scope="session")
def first_game(tmp_path_factory, chromium):
    """The first demo, played."""
    first_game = demo("01_first_game", tmp_path_factory)
    first_game.played  # noqa: B018 - before there is a browser: both want the event loop
    return first_game


@pytest.fixture(scope="module")
def browser(chromium):
    # Playwright's event loop is in the way of others as long as it runs, hence one for each module.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context(viewport={"width": 1300, "height": 1800})
        context.set_default_timeout(PATIENCE)
        yield context
        browser.close()


@pytest.fixture
def shoot(request):
    """Takes pictures under the test's name, into ``out/browser``."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "_", request.node.name).strip("_")

    def shoot(what, suffix="", **options):
        what.screenshot(path=PICTURES / f"{name}{suffix}.png", **options)

    return shoot


@pytest.fixture
def page(browser, shoot):
    """A page, and a picture of it when the test has ended."""
    page, errors = browser.new_page(), []
    page.on("pageerror", errors.append)
    yield page
    shoot(page, full_page=True)
    page.close()
    assert errors == [], "the page's scripts failed"


@pytest.fixture(scope="module")
def _shared_notebook(request, browser, server):
    name = f"{request.path.stem}.ipynb"
    server.write(name, [""])
    page, errors = browser.new_page(), []
    page.on("pageerror", errors.append)
    yield Notebook(page, server, name)
    page.close()
    server.end_kernels()
    assert errors == [], "JupyterLab's scripts failed"


@pytest.fixture
def notebook(_shared_notebook, shoot):
    """A notebook in JupyterLab, to be filled with cells.

    The tests of a module share its page and its kernel, which take a while to start; each plays
    for a team of its own.
    """
    yield _shared_notebook
    shoot(_shared_notebook.page)
    _shared_notebook.calm()
