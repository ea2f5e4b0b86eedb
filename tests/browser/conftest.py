"""A JupyterLab server with a home of its own, a browser, and a picture at the end of every test."""

import re
from contextlib import contextmanager
from os import environ
from pathlib import Path

import pytest
from browser.lab import NO_BROWSER, Notebook, Server, find_browser
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
    found = find_browser()
    if found is None:
        if environ.get("CI", "").lower() == "true":
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
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


def take_picture(what, name, **options):
    """Take a picture of a page or of a part of it, into ``out/browser``."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w-]+", "_", name).strip("_")
    what.screenshot(path=PICTURES / f"{name}.png", **options)


@pytest.fixture
def shoot(request):
    """Takes pictures that go by the test's name."""
    return lambda what, suffix="": take_picture(what, f"{request.node.name}{suffix}")


def widgets_own(error):
    """Say whether a script's error is one of the widget manager's, seldom and without effect.

    A widget's output is rendered anew when the kernel is back after a reload. If the first
    rendering was still under way, ipywidgets' renderer has emptied its node by ``textContent``, and
    Lumino fails to take the first view out of it when the output is disposed of.
    """
    where = error.stack or ""
    return "'removeChild' on 'Node'" in error.message and "jupyter-classgame" not in where


def labs_own(error):
    """Say whether a script's error is one of JupyterLab's, seldom and without effect.

    A comm asks its kernel for a subshell. If the kernel is busy, and restarted before it answers,
    JupyterLab rejects a promise that nobody waits for, with a text that has no stack.
    """
    return "create_subshell_request" in error.message and not error.stack


@contextmanager
def open_page(browser):
    """Open a page whose scripts must not fail."""
    page, errors = browser.new_page(), []

    def keep(error):
        if not (widgets_own(error) or labs_own(error)):
            errors.append(error.stack or f"{error.name}: {error.message}")

    page.on("pageerror", keep)
    yield page
    page.close()
    assert errors == [], "the page's scripts failed"


@pytest.fixture
def page(browser, shoot):
    """A page, and a picture of it when the test has ended."""
    with open_page(browser) as page:
        yield page
        shoot(page)


@pytest.fixture(scope="module", params=[True, False], ids=["with_widgets", "without_widgets"])
def exported(request, first_game, browser):
    """The first demo as HTML, with and without its widgets' state, where there is no network."""
    with open_page(browser) as page:
        page.route(re.compile("^(https?|wss?):"), lambda route: route.abort())
        page.goto(first_game.page(widgets=request.param).as_uri())
        yield page
        take_picture(page, f"exported_{request.param}", full_page=True)


@pytest.fixture(scope="module")
def _shared_notebook(request, browser, server):
    name = f"{request.path.stem}.ipynb"
    server.write(name, [""])
    with open_page(browser) as page:
        yield Notebook(page, server, name)
    server.end_kernels()


@pytest.fixture
def notebook(_shared_notebook, shoot):
    """A notebook in JupyterLab, to be filled with cells.

    The tests of a module share its page and its kernel, which take a while to start; each plays
    for a team of its own.
    """
    yield _shared_notebook
    shoot(_shared_notebook.page)
    _shared_notebook.calm()
