"""What ``%lr_find`` costs beside the bare steps that it makes.

The same steps, by turns: ``game.lr_find`` with the chart's picture at its end, and a loop by hand
that sets a rate, makes a step of forward, backward and optimizer, and reads the loss. On random
pictures, with the first game's baseline at 64x64. Prints the medians of both and their ratio, which
should be at most 1.1. CPU time is compared, so that other work on the machine hardly counts; with
``--clock`` it is the seconds on the wall.

    python benchmarks/lr_find.py [--n 5] [--steps 100] [--batch 32] [--clock]
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from jupyter_classgame.training.range_test.range_test import RangeTest, sweep_rates
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.widgets.range_test.static_rates import rates as picture

CLASSES, SIZE, IMAGES = 10, 64, 960
FIRST, LAST = 1e-7, 1e-2
"""Rates at which nothing explodes, so that both sides make all steps."""


def baseline() -> nn.Module:
    """Make the first game's baseline."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 16 * 16, 64), nn.ReLU(), nn.Linear(64, CLASSES),
    )  # fmt: skip


def data(batch: int) -> DataLoader:
    """Make a loader of random pictures."""
    pictures = torch.rand(IMAGES, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(IMAGES) % CLASSES
    return DataLoader(TensorDataset(pictures, labels), batch, shuffle=True, drop_last=True)


def by_hand(loader: DataLoader, steps: int) -> list[float]:
    """Make the bare steps; give the losses."""
    model = baseline()
    optimizer = torch.optim.SGD(model.parameters(), lr=FIRST, momentum=0.9)

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            yield from loader

    losses = []
    for rate, (images, labels) in zip(np.geomspace(FIRST, LAST, steps), batches(), strict=False):
        optimizer.param_groups[0]["lr"] = float(rate)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return losses


def range_test(loader: DataLoader, steps: int) -> list[float]:
    """Make a range test and its picture; give the losses."""
    model = baseline()
    optimizer = torch.optim.SGD(model.parameters(), lr=FIRST, momentum=0.9)
    request = RunRequest(model, optimizer, loader, nn.CrossEntropyLoss(), devices="cpu")
    found: RangeTest = sweep_rates(
        request, first=FIRST, last=LAST, steps=steps, seeds=1, names=("model", "optimizer"),
        control=RunControl(), watch=lambda *_: None,
    )  # fmt: skip
    picture(found)
    return list(found.sweeps[0].losses)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=5)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--clock", action="store_true")
    given = parser.parse_args()
    now: Callable[[], float] = time.perf_counter if given.clock else time.process_time
    loader = data(given.batch)
    sides = {"by hand": by_hand, "range test": range_test}
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for side in sides.values():
        side(loader, 8)  # imports, and fonts of the picture
    for _ in range(given.n):
        for name, side in sides.items():
            start = now()
            if len(side(loader, given.steps)) != given.steps:
                raise RuntimeError(f"{name} ended early")
            seconds[name].append(now() - start)
    middle = {name: statistics.median(times) for name, times in seconds.items()}
    ratio = statistics.median(
        ours / bare for bare, ours in zip(seconds["by hand"], seconds["range test"], strict=True)
    )
    what = "seconds" if given.clock else "CPU seconds"
    for name, middling in middle.items():
        print(f"{name}: {middling:.2f} {what} for {given.steps} steps")
    print(f"ratio: {ratio:.3f} (median of {given.n}; at most 1.1)")


if __name__ == "__main__":
    main()
