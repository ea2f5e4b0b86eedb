"""Accuracy with automatic precision against float32, in otherwise equal runs.

For every seed a model is trained in each of the two precisions, from the same weights, on the same
images in the same order, with cosine decay of the learning rate to 0. Prints the validation
accuracy at the end of every run, computed in float32, the mean difference with its standard error,
and the seconds of training.

    python benchmarks/precision.py [--data cifar10.npz] [--work model3] [--images 2500]
        [--epochs 12] [--seeds 5] [--precision auto]

Fails if the mean accuracy is lower than float32's by more than twice the standard error.
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

import torch
from peers.clock import VALIDATION_BATCH
from peers.images import command_line, prepare
from peers.machine import in_words, machine
from peers.works import WORKS, Work, augmentation
from torch import nn

from jupyter_classgame import start_game
from jupyter_classgame.session.game import Game

FLOAT32 = "no"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = command_line(__doc__)
    parser.add_argument("--work", choices=list(WORKS), default="model3", help="what (model3)")
    parser.add_argument("--images", type=int, default=2500, help="training images (2500)")
    parser.add_argument("--epochs", type=int, default=12, help="epochs of a run (12)")
    parser.add_argument("--seeds", type=int, default=5, help="runs in each precision (5)")
    parser.add_argument("--precision", default="auto", help="compared with float32 (auto)")
    given = parser.parse_args()
    if given.seeds < 2:
        parser.error("--seeds: a standard error needs 2")
    return given


def trained(game: Game, work: Work, epochs: int, seed: int, precision: str) -> tuple[float, float]:
    """Train once; return the final accuracy, and the seconds of training an epoch."""
    model = work.model(seed)
    optimizer = work.optimizer_for(model)
    data = game.loader(
        "train", batch_size=work.batch, fraction=1.0, transform=augmentation(), shuffle=True
    )
    val = game.loader("val", batch_size=VALIDATION_BATCH)
    history = game.train(
        model,
        optimizer,
        epochs=epochs,
        data=data,
        val=val,
        criterion=nn.CrossEntropyLoss(),
        scheduler=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs),
        seed=seed,
        precision=precision,
    )
    seconds = statistics.median(history.seconds[1:] or history.seconds)
    return game.evaluate(model, data=val).accuracy, seconds


def main() -> int:
    """Run the benchmark and print the results."""
    given = arguments()
    work = WORKS[given.work]
    print(in_words(machine()), flush=True)
    with tempfile.TemporaryDirectory(prefix="precision-") as place:
        os.environ["JUPYTER_DATA_DIR"] = place
        said = prepare(Path(place), work.size, given.images, given.data)
        game = start_game(
            Path(place) / "images",
            team="precision",
            image_size=work.size,
            practice=True,
            namespace={},
        )
        print(f"{work.title}, {said}, batch {work.batch}, {given.epochs} epochs", flush=True)
        sides = {FLOAT32: [], given.precision: []}
        for seed in range(given.seeds):
            order = list(sides) if seed % 2 == 0 else list(reversed(sides))
            for precision in order:
                sides[precision].append(trained(game, work, given.epochs, seed, precision))
            told = ", ".join(f"{name} {sides[name][-1][0]:.4f}" for name in sides)
            print(f"seed {seed}: accuracy {told}", flush=True)
    return compare(sides[FLOAT32], sides[given.precision], given.precision)


def compare(float32: list[tuple[float, float]], other: list[tuple[float, float]], name: str) -> int:
    """Print means and their difference; return 1 if the other precision is less accurate."""
    for title, runs in ((FLOAT32, float32), (name, other)):
        accuracies, seconds = zip(*runs, strict=True)
        print(
            f"--precision {title}: accuracy {statistics.mean(accuracies):.4f} "
            f"({min(accuracies):.4f} to {max(accuracies):.4f}), "
            f"{statistics.median(seconds):.3f} s of training an epoch, n = {len(runs)} seeds"
        )
    differences = [b[0] - a[0] for a, b in zip(float32, other, strict=True)]
    mean = statistics.mean(differences)
    error = statistics.stdev(differences) / len(differences) ** 0.5
    ratio = statistics.median(b[1] / a[1] for a, b in zip(float32, other, strict=True))
    print(f"difference of accuracy {mean:+.4f}, standard error {error:.4f}; time ratio {ratio:.2f}")
    return 1 if mean < -2 * error else 0


if __name__ == "__main__":
    sys.exit(main())
