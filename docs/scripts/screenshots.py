"""Takes the manual's screenshots in a real JupyterLab: ``make screenshots``, which needs Chromium.

It uses helpers of the tests, which have to be on the path.
"""

import re
import shutil
import tempfile
from pathlib import Path

from browser.conftest import FLAGS, PATIENCE
from browser.lab import Notebook, Server, find_browser
from playwright.sync_api import expect, sync_playwright

IMAGES = Path(__file__).parents[1] / "images"

SIZE = {"width": 1440, "height": 900}

CELLS = (
    "%load_ext jupyter_classgame\n%classgame new digits --team red --seed 1",
    "%shop",
    """\
%%shop
buy Speed boost, Info infusion
buy Neural turbo boost""",
    """\
import torch
from torch import nn

torch.manual_seed(0)
train_loader = game.loader("train", batch_size=16)
val_loader = game.loader("val")
model = nn.Sequential(
    nn.LazyConv2d(16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.LazyConv2d(32, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.LazyLinear(len(game.classes)),
)
model(next(iter(train_loader))[0])
optimizer = torch.optim.SGD(model.parameters(), lr=0.003, momentum=0.9)
criterion = nn.CrossEntropyLoss()""",
    "%train --epochs 3",
    "%train --epochs 50",
)
START, SHOP, ORDER, SETUP, FIRST, TRAIN = range(6)


def main() -> None:
    """Play a game and take the screenshots."""
    folder = Path(tempfile.mkdtemp(prefix="screenshots-"))
    with Server(folder) as server, sync_playwright() as playwright:
        server.write("game.ipynb", [""])
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        page = browser.new_page(viewport=SIZE, device_scale_factor=1.5)
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        notebook = Notebook(page, server, "game.ipynb")
        page.evaluate("() => jupyterapp.commands.execute('classgame:show-panel')")
        shop(notebook)
        training(notebook)
        browser.close()
        server.end_kernels()
    shutil.rmtree(folder, ignore_errors=True)


def shop(notebook: Notebook) -> None:
    """Take the shop with a basket, and a card's details."""
    page = notebook.page
    notebook.fill(*CELLS[: SHOP + 1])
    notebook.run(START, SHOP)
    out = notebook.output(SHOP)

    def button(item: str, label: str) -> None:
        name = page.locator(".cg-name").get_by_text(item, exact=True)
        card = out.locator(".cg-card").filter(has=name)
        card.get_by_role("button", name=label, exact=True).click()

    button("Flip trick", "Buy")
    expect(out.locator(".cg-left")).to_have_text("90 B NN left")
    button("Mixup mixer", "Add")
    button("Speed boost", "Add")
    expect(out.locator(".cg-sums")).to_be_visible()
    out.evaluate("element => element.scrollIntoView({block: 'start'})")
    take(notebook, "shop")
    button("Whirl and swirl", "Details")
    pictures = out.locator(".cg-pictures img")
    expect(pictures).to_have_count(8)
    card = out.locator(".cg-card").filter(has=page.locator(".cg-pictures"))
    card.evaluate("element => element.scrollIntoView({block: 'start'})")
    take(notebook, "details")


def training(notebook: Notebook) -> None:
    """Take a run in progress, also with the dark theme."""
    page = notebook.page
    notebook.fill(CELLS[START], *CELLS[ORDER:])
    notebook.run(0, 1, 2, 3)
    notebook.start(4)
    expect(notebook.output(4)).to_contain_text(re.compile(r"epoch ([89]|\d\d)/50"))
    notebook.cell(4).evaluate("element => element.scrollIntoView({block: 'start'})")
    take(notebook, "training")
    page.evaluate(
        "() => jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
    )
    page.wait_for_timeout(3000)
    take(notebook, "dark")
    notebook.calm()
    notebook.wait(4)


def take(notebook: Notebook, name: str) -> None:
    """Save a screenshot of the window."""
    notebook.page.mouse.move(0, 0)
    notebook.page.wait_for_timeout(1500)  # what moves has come to rest
    notebook.page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
