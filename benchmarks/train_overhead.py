"""Overhead of ``%train`` with its chart, against a handwritten loop on the same loader.

Runs in a real kernel, so that the chart sends its messages. Both sides train the baseline on the
digits with the same seed, loss, accuracy and validation every epoch; pairs are interleaved. Prints
two ratios: of the seconds of training, which should be at most 1.03, and of the wall time from the
end of one epoch to the end of the next, with validation, drawing and the copy of the weights.

    python benchmarks/train_overhead.py [--n 5] [--epochs 3]
"""

import argparse
import json
import statistics

from load import kernel, run

SETUP = """
import os, tempfile
os.environ["JUPYTER_DATA_DIR"] = tempfile.mkdtemp()
%load_ext jupyter_classgame
%classgame new digits --team bench --seed 0 --practice
import json, time
import torch
from torch import nn
from torch.nn import functional as F

train_loader = game.loader("train", batch_size=32)
val_loader = game.loader("val", batch_size=256)
criterion = nn.CrossEntropyLoss()
EPOCHS = {epochs}

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, kernel_size=5, padding=2)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=5, padding=2)
        self.fc1 = nn.Linear(64 * 8 * 8, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))

def fresh():
    global model, optimizer
    torch.manual_seed(0)
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

ends = []
game.events.subscribe(
    lambda event: ends.append(time.perf_counter()) if type(event).__name__ == "EpochEnded" else None
)

def report(seconds):
    whole = [after - before for before, after in zip(ends, ends[1:])]
    print(json.dumps([seconds[1:], whole]))
    ends.clear()

def by_hand():
    seconds = []
    for epoch in range(EPOCHS):
        start = time.perf_counter()
        model.train()
        total = correct = count = 0
        for images, labels in train_loader:
            optimizer.zero_grad()
            scores = model(images)
            loss = criterion(scores, labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
            correct += (scores.argmax(1) == labels).sum().item()
            count += len(labels)
        seconds.append(time.perf_counter() - start)
        model.eval()
        with torch.no_grad():
            for images, labels in val_loader:
                scores = model(images)
                criterion(scores, labels).item()
                (scores.argmax(1) == labels).sum().item()
        ends.append(time.perf_counter())
    report(seconds)
"""
HAND = "fresh(); by_hand()"
TRAIN = "fresh()\n%train --epochs $EPOCHS --devices cpu\nreport(history.seconds)"
LIMIT = 1.03


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=5, help="pairs")
    parser.add_argument(
        "--epochs", type=int, default=5, help="epochs a side and pair; the first warms up"
    )
    arguments = parser.parse_args()
    with kernel() as client:
        run(client, SETUP.format(epochs=arguments.epochs))
        train = TRAIN.replace("$EPOCHS", str(arguments.epochs))
        sides = {"by hand": HAND, "%train": train}
        for code in sides.values():
            run(client, code)  # warms both up
        rounds = []
        for number in range(arguments.n):
            order = list(sides) if number % 2 == 0 else list(reversed(sides))
            times = {name: json.loads(run(client, sides[name]).splitlines()[-1]) for name in order}
            rounds.append(
                {name: [statistics.median(part) for part in parts] for name, parts in times.items()}
            )
    pairs = f"n = {arguments.n} pairs of {arguments.epochs - 1} epochs, medians"
    for place, what in enumerate(("training alone", "whole epochs")):
        hand, train = ([row[name][place] for row in rounds] for name in sides)
        ratios = [there / here for here, there in zip(hand, train, strict=True)]
        print(
            f"{what:<15} by hand {statistics.median(hand):.3f} s, "
            f"%train {statistics.median(train):.3f} s, ratio {statistics.median(ratios):.3f} "
            f"({min(ratios):.3f} to {max(ratios):.3f}; {pairs})"
        )
    print(f"limit of the first ratio: {LIMIT}")


if __name__ == "__main__":
    main()
