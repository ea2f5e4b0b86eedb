"""A long run with its chart in JupyterLab: memory of kernel and browser, and the chart's messages.

``soak.py`` runs it. The kernel's messages are read from a separate connection to its iopub channel,
with their size on the wire and the time that the kernel wrote into them.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import zmq
from browser.conftest import FLAGS
from browser.lab import Notebook, Server
from helpers.images import make_images
from jupyter_client.blocking.client import BlockingKernelClient
from playwright.sync_api import sync_playwright

MOST_A_SECOND = 4.0
MOST_BYTES = 40_000
WINDOW = 5.0
"""Seconds over which messages are counted; the opening of the chart, as long, is left out."""

WARM_UP = 0.25
"""Share of the run that counts as warm-up."""

FLAT = 0.05
"""Most growth of memory after the warm-up, as a share."""

NAME = "soak.ipynb"
CELLS = (
    "%load_ext jupyter_classgame\n%classgame new insects --practice --image-size 16 --seed 0",
    """\
import time
import torch
from torch import nn

def slowly(image):
    time.sleep({pause})
    return image

train_loader = game.loader("train", batch_size=8, fraction=1.0, transform={transform})
val_loader = game.loader("val", batch_size=32)
model = nn.Sequential(
    nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
    nn.Linear(8 * 8 * 8, len(game.classes)),
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.003)""",
    "%train --epochs {epochs}",
)
START, SETUP, TRAIN = range(3)
IMAGES_AN_EPOCH = 39
"""Training images of the pack below: 3 classes of 20, a fifth hidden, a fifth to validate by."""


@dataclass
class Messages:
    """The kernel's messages while a cell runs: (second, type, bytes) each."""

    seen: list[tuple[float, str, int]] = field(default_factory=list)

    def updates(self) -> list[tuple[float, int]]:
        """Return (second, bytes) of every widget message after the chart's opening."""
        widgets = [(second, size) for second, kind, size in self.seen if kind == "comm_msg"]
        return [(second, size) for second, size in widgets if second >= WINDOW]

    def a_second(self) -> tuple[float, float]:
        """Return the mean number a second, and that of the worst window."""
        times = np.array([second for second, _ in self.updates()])
        if not len(times):
            return 0.0, 0.0
        ends = np.searchsorted(times, times + WINDOW, side="left")
        worst = float((ends - np.arange(len(times))).max()) / WINDOW
        return len(times) / max(WINDOW, self.seen[-1][0] - WINDOW), worst

    def redraws(self) -> float:
        """Return redraws a second: messages within 50 ms of each other count as one."""
        times = [second for second, _ in self.updates()]
        apart = sum(b - a > 0.05 for a, b in pairwise(times)) + bool(times)
        return apart / max(WINDOW, self.seen[-1][0] - WINDOW)

    def largest(self) -> int:
        """Return the bytes of the largest message that opens, updates or closes a widget."""
        return max((size for _, kind, size in self.seen if kind.startswith("comm")), default=0)


@contextmanager
def listening(connection_file: str) -> Iterator[Messages]:
    """Read the kernel's iopub channel in a thread."""
    client = BlockingKernelClient(connection_file=connection_file)
    client.load_connection_file()
    socket = client.connect_iopub()
    messages, done, start = Messages(), threading.Event(), time.time()

    def listen() -> None:
        while not done.is_set():
            if not socket.poll(100, zmq.POLLIN):
                continue
            frames = socket.recv_multipart()
            _, parts = client.session.feed_identities(frames)
            header = client.session.deserialize(parts)["header"]
            kind, sent = header["msg_type"], header["date"].timestamp()
            size = sum(map(len, frames))
            messages.seen.append((sent - start, kind, size))

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield messages
    finally:
        done.set()
        thread.join()
        socket.close()
        client.context.term()


@dataclass
class Memory:
    """Memory by second, in bytes: resident of the kernel, and of the page's live objects."""

    seconds: list[float] = field(default_factory=list)
    kernel: list[int] = field(default_factory=list)
    browser: list[int] = field(default_factory=list)

    def growth(self, of: str) -> tuple[float, float, float]:
        """Return MB at the end of the warm-up, MB a minute after it, and the growth as a share."""
        times, values = np.array(self.seconds), np.array(getattr(self, of)) / 1e6
        late = times >= times[0] + WARM_UP * (times[-1] - times[0])
        slope, level = np.polyfit(times[late] - times[late][0], values[late], 1)
        return float(level), slope * 60, slope * (times[late][-1] - times[late][0]) / level


class Lab:
    """A notebook open in JupyterLab in Chromium."""

    def __init__(self, notebook: Notebook, devtools: Any) -> None:
        self.notebook, self.devtools = notebook, devtools
        self.kernel = psutil.Process(int(notebook.ask("import os; print(os.getpid())")))
        self.connection = notebook.ask(
            "from ipykernel.connect import get_connection_file; print(get_connection_file())"
        )
        devtools.send("Performance.enable")

    def heap(self) -> int:
        """Return the bytes of the page's live JavaScript objects."""
        self.devtools.send("HeapProfiler.collectGarbage")
        metrics = self.devtools.send("Performance.getMetrics")["metrics"]
        return int(next(m["value"] for m in metrics if m["name"] == "JSHeapUsedSize"))

    def run(self, epochs: int, pace: float, until: float) -> tuple[Messages, Memory, int]:
        """Train with ``pace`` seconds an epoch or more; return messages, memory and epochs."""
        slow = pace > 0
        setup = CELLS[SETUP].format(
            pause=pace / IMAGES_AN_EPOCH, transform="slowly" if slow else "None"
        )
        self.notebook.fill(CELLS[START], setup, CELLS[TRAIN].format(epochs=epochs))
        self.notebook.run(START, SETUP)
        memory = Memory()
        with listening(self.connection) as messages:
            start = time.monotonic()
            self.notebook.start(TRAIN)
            while self.notebook.busy(TRAIN) and time.monotonic() < until:
                memory.seconds.append(time.monotonic() - start)
                memory.kernel.append(self.kernel.memory_info().rss)
                memory.browser.append(self.heap())
                time.sleep(1)  # between two samples
            self.notebook.calm()
            self.notebook.wait(TRAIN)
        return messages, memory, int(self.notebook.ask("print(len(history))"))


@contextmanager
def lab(chromium: str, folder: Path) -> Iterator[Lab]:
    """Start JupyterLab on a tiny pack, and open a notebook in the browser."""
    with Server(folder) as server, sync_playwright() as playwright:
        make_images(server.root / "insects")
        server.write(NAME, [""])
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1300, "height": 1800})
        page.set_default_timeout(120_000)
        notebook = Notebook(page, server, NAME)
        yield Lab(notebook, page.context.new_cdp_session(page))
        browser.close()
        server.end_kernels()


def violations(
    name: str, wanted: int, seen: tuple[Messages, Memory, int], *, memory_too: bool
) -> list[str]:
    """Print the measurements of a run, and return the violated limits."""
    messages, memory, epochs = seen
    mean, worst = messages.a_second()
    largest = messages.largest()
    print(
        f"{name}: {epochs} of {wanted} epochs in {memory.seconds[-1]:.0f} s; widget messages "
        f"{mean:.2f} a second, {worst:.2f} in the worst {WINDOW:.0f} s (limit {MOST_A_SECOND:g}), "
        f"in {messages.redraws():.2f} redraws a second; largest {largest / 1000:.1f} kB "
        f"(limit {MOST_BYTES / 1000:g})"
    )
    wrong = []
    if epochs < wanted:
        wrong.append(f"time was up after {epochs} of {wanted} epochs; give more --minutes")
    if worst > MOST_A_SECOND:
        wrong.append(f"{worst:.2f} widget messages a second")
    if largest > MOST_BYTES:
        wrong.append(f"a widget message of {largest / 1000:.1f} kB")
    if not messages.updates():
        wrong.append("no widget message was seen: was there a chart?")
    for of in ("kernel", "browser") if memory_too else ():
        level, slope, grown = memory.growth(of)
        print(
            f"{name}: {of} memory {level:.1f} MB after warm-up, {slope:+.2f} MB a minute, "
            f"{grown:+.1%} to the end (limit {FLAT:.0%}; {len(memory.seconds)} samples)"
        )
        if grown > FLAT:
            wrong.append(f"{of} memory grew by {grown:.1%}")
    return [f"{name}: {what}" for what in wrong]
