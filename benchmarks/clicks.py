"""Latency of the shop in JupyterLab: its opening, and the response to a click.

Opens a real JupyterLab in Chromium. The response to a click on Buy or Return is the change of the
balance on the page; it is timed in the page, while the kernel is idle and while ``%train`` keeps
it busy. The opening is timed from the start of the shop's cell, with bqplot imported, to the last
card on the page.

    python benchmarks/clicks.py [--clicks 50] [--openings 5]

Needs the extra ``test`` and Chromium.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browser.conftest import FLAGS, PATIENCE
from browser.lab import Notebook, Server, find_browser
from helpers.images import make_images
from peers.machine import in_words, machine
from playwright.sync_api import expect, sync_playwright

from jupyter_classgame.widgets.shop.counter import PAUSE

OPEN, IDLE, BUSY = 0.5, 0.15, 0.3
"""Limits in seconds: the shop's opening; the response to a click while idle, and in training."""

ITEM = "Flip trick"

CELLS = (
    "%load_ext jupyter_classgame\n%classgame new insects --image-size 16 --seed 0\nimport bqplot",
    """\
import time
import torch
from torch import nn

train_loader = game.loader("train", batch_size=8, fraction=1.0)
model = nn.Sequential(
    nn.Conv2d(3, 32, 3), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU(), nn.Flatten(),
    nn.Linear(32 * 12 * 12, len(game.classes)),
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.001)""",
    "%shop",
    "%train --epochs 100000 --practice --val none",
)
START, SETUP, SHOP, TRAIN = range(4)

ANSWER = """([output, item]) => new Promise(answered => {
    const card = [...output.querySelectorAll('.cg-card')].find(
        each => each.querySelector('.cg-name').textContent === item);
    const button = [...card.querySelectorAll('button')].find(
        each => ['Buy', 'Return'].includes(each.textContent) && each.checkVisibility());
    const balance = () => output.querySelector('.cg-left').textContent;
    const before = balance();
    const start = performance.now();
    const watch = new MutationObserver(() => {
        if (output.querySelector('.cg-left') && balance() !== before) {
            watch.disconnect();
            answered((performance.now() - start) / 1000);
        }
    });
    watch.observe(output, {subtree: true, childList: true, characterData: true});
    button.click();
})"""

OPENING = """([panel, index, cards]) => new Promise(answered => {
    const {content} = panel;
    content.activeCellIndex = index;
    content.deselectAll();
    const cell = content.widgets[index].node;
    const start = performance.now();
    const watch = new MutationObserver(() => {
        if (cell.querySelectorAll('.cg-card').length >= cards) {
            watch.disconnect();
            answered((performance.now() - start) / 1000);
        }
    });
    watch.observe(cell, {subtree: true, childList: true});
    void jupyterapp.commands.execute('notebook:run-cell');
})"""


def openings(notebook: Notebook, count: int) -> list[float]:
    """Open the shop ``count`` times and return the seconds."""
    seconds = []
    cards = int(notebook.ask("print(len(list(game.pack.catalogue)))"))
    for _ in range(count):
        notebook.fill(*CELLS)
        notebook.run(START, SETUP)
        notebook.ask(
            "from jupyter_classgame.widgets.shop import shop_view; shop_view._shown = None"
        )
        seconds.append(
            notebook.panel(f"(panel, argument) => ({OPENING})([panel, ...argument])", [SHOP, cards])
        )
        notebook.wait(SHOP)
    return seconds


def clicks(notebook: Notebook, count: int) -> list[float]:
    """Buy and return ``count`` times; return the seconds until the balance has changed."""
    output = notebook.output(SHOP).element_handle()
    seconds = []
    for _ in range(count):
        notebook.page.wait_for_timeout(1000 * PAUSE + 300)  # as a person waits who reads it
        seconds.append(notebook.page.evaluate(ANSWER, [output, ITEM]))
    return seconds


def report(name: str, seconds: list[float], limit: float) -> bool:
    """Print a row of the table; return whether the median is within the limit."""
    middle, worst = statistics.median(seconds), max(seconds)
    print(
        f"{name:22} {1000 * middle:8.0f} ms {1000 * worst:8.0f} ms   limit {1000 * limit:.0f} ms, "
        f"n = {len(seconds)}",
        flush=True,
    )
    return middle <= limit


def main() -> int:
    """Run the benchmark and print the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clicks", type=int, default=50, help="of each kind (50)")
    parser.add_argument("--openings", type=int, default=5, help="of the shop (5)")
    given = parser.parse_args()
    print(in_words(machine()), flush=True)
    print(f"{'':22} {'median':>11} {'worst':>11}")
    with Server(Path(tempfile.mkdtemp(prefix="clicks-"))) as server, sync_playwright() as browsers:
        make_images(server.root / "insects")
        server.write("clicks.ipynb", [""])
        browser = browsers.chromium.launch(executable_path=find_browser(), args=FLAGS)
        page: Any = browser.new_page(viewport={"width": 1440, "height": 1800})
        page.set_default_timeout(PATIENCE)
        notebook = Notebook(page, server, "clicks.ipynb")
        notebook.fill(*CELLS)
        notebook.run(START)
        well = [report("the shop opens", openings(notebook, given.openings), OPEN)]
        well.append(report("a click, idle", clicks(notebook, given.clicks), IDLE))
        notebook.start(TRAIN)
        expect(notebook.output(TRAIN)).to_contain_text("epoch ")
        well.append(report("a click, in training", clicks(notebook, given.clicks), BUSY))
        notebook.calm()
        notebook.wait(TRAIN)
        browser.close()
        server.end_kernels()
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
