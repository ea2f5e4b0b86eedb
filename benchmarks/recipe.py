"""The whole small-data recipe in one run: every option of ``%train`` that it has, on at once.

A residual network of four stages of two blocks (64-128-256-512 channels at --width 64) with
squeeze-and-excitation, stochastic depth and a 3x3 stem; RandAugment and flip; mixup and cutmix up
to an epoch; then label smoothing that falls; warm-up and cosine; AdamW, then SGD with momentum; an
average of the weights; clipping; accumulation; early stopping. In practice, as no pack sells all of
it. Prints the curve, the seconds of every epoch, and the accuracy of the last weights and of their
average, and checks by what they leave behind that mixing, warm-up, accumulation, the switch of
optimizers and the average took effect; the rest is for the tests.

    python benchmarks/recipe.py --data cifar10.npz --per-class 500 --epochs 6
"""

import argparse
import os
import sys
import tempfile
import time
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from peers.images import GENERATED, command_line, prepare
from peers.machine import in_words, machine
from torch import Tensor, nn
from torchvision.ops import SqueezeExcitation, StochasticDepth
from torchvision.transforms import v2

from jupyter_classgame.events import EpochEnded
from jupyter_classgame.session.start import start_game

CLASSES = len(GENERATED)
BLOCKS = 2
STAGES = 4


class Block(nn.Module):
    """Two convolutions, squeeze-and-excitation, and a shortcut beside which it may be left out."""

    def __init__(self, channels: int, width: int, stride: int, drop: float) -> None:
        super().__init__()
        self.path = nn.Sequential(
            nn.Conv2d(channels, width, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            SqueezeExcitation(width, max(4, width // 16)),
            StochasticDepth(drop, "row"),
        )
        same = stride == 1 and channels == width
        self.shortcut: nn.Module = nn.Identity()
        if not same:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, width, 1, stride, bias=False), nn.BatchNorm2d(width)
            )

    def forward(self, images: Tensor) -> Tensor:
        """Add the path to the shortcut."""
        return torch.relu(self.shortcut(images) + self.path(images))


def network(width: int, drop: float = 0.1) -> nn.Module:
    """Build the network; the chance to leave a block out rises with depth up to ``drop``."""
    layers: list[nn.Module] = [
        nn.Conv2d(3, width, 3, padding=1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
    ]
    channels = width
    for stage in range(STAGES):
        for block in range(BLOCKS):
            number = stage * BLOCKS + block + 1
            stride = 2 if block == 0 and stage > 0 else 1
            wide = width * 2**stage
            layers.append(Block(channels, wide, stride, drop * number / (STAGES * BLOCKS)))
            channels = wide
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES)]
    return nn.Sequential(*layers)


class Mix:
    """Mixup or cutmix, as torchvision has them, and how often it was asked in which epoch."""

    def __init__(self) -> None:
        self.mix = v2.RandomChoice(
            [v2.MixUp(alpha=0.4, num_classes=CLASSES), v2.CutMix(num_classes=CLASSES)]
        )
        self.asked = [0]

    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Mix a batch."""
        self.asked[-1] += 1
        return self.mix(images, labels)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = command_line(__doc__)
    parser.add_argument("--per-class", type=int, default=500, help="training images a class (500)")
    parser.add_argument("--image-size", type=int, default=32, help="pixels a side (32)")
    parser.add_argument("--width", type=int, default=16, help="channels of the first stage (16)")
    parser.add_argument("--batch", type=int, default=64, help="images a batch (64)")
    parser.add_argument("--epochs", type=int, default=6, help="epochs, at least 4 (6)")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if given.epochs < 4:
        parser.error("--epochs: warm-up, mixing, smoothing and the other optimizer need 4")
    return given


def options(epochs: int, second: torch.optim.Optimizer) -> dict[str, Any]:
    """Give the options of the recipe, as ``game.train`` takes them."""
    return {
        "warmup": 2,
        "ema": 0.98,
        "keep": "ema",
        "clip": 1.0,
        "mix_until": epochs // 2,
        "smooth": "0.1:0.0",
        "then": second,
        "at": epochs,
        "accumulate": 2,
        "patience": epochs,
        "monitor": "val_acc",
        "precision": "auto",
    }


def play(given: argparse.Namespace, folder: Path) -> list[str]:
    """Train and print; give what went wrong."""
    said = prepare(folder, given.image_size, CLASSES * given.per_class, given.data)
    game = start_game(
        folder / "images",
        team="recipe",
        seed=given.seed,
        image_size=given.image_size,
        practice=True,
        namespace={},
    )
    mix = Mix()
    loader = partial(game.loader, batch_size=given.batch)
    flip = v2.Compose([v2.RandomHorizontalFlip(), v2.RandAugment(num_ops=2, magnitude=7)])
    train_loader = loader("train", fraction=1.0, transform=flip, batch_transform=mix)
    val_loader = loader("val")
    model = network(given.width)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    second = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, given.epochs - 2)
    wanted = options(given.epochs, second)
    print(
        f"{said} at {given.image_size}x{given.image_size}, batch {given.batch}; "
        f"{sum(p.numel() for p in model.parameters()):,} parameters\n{in_words(machine())}\n"
        f"options: {', '.join(f'{n}={_shown(v)}' for n, v in wanted.items())}",
        flush=True,
    )
    ends: list[float] = []
    last: list[Tensor] = []

    def watch(event: Any) -> None:
        if isinstance(event, EpochEnded):
            ends.append(time.perf_counter())
            mix.asked.append(0)
            last[:] = [parameter.detach().clone() for parameter in model.parameters()]
            print(f"epoch {event.epoch}: val_acc {event.val_acc:.4f}", flush=True)

    game.events.subscribe(watch)
    history = game.train(
        model,
        optimizer,
        epochs=given.epochs,
        data=train_loader,
        val=val_loader,
        criterion=nn.CrossEntropyLoss(),
        scheduler=scheduler,
        seed=given.seed,
        **wanted,
    )
    print(history.frame().to_string(float_format="{:.4f}".format))
    whole = [b - a for a, b in pairwise(ends)]
    print(
        f"{history.message}; training {_mean(history.seconds):.2f} s an epoch, with validation and "
        f"all else {_mean(whole):.2f} s, {sum(history.seconds):.1f} s in all"
    )
    accuracy = game.evaluate(model, data=val_loader).accuracy
    print(f"last weights: val_acc {history.val_acc[-1]:.4f}")
    print(f"the average: accuracy {accuracy:.4f}")
    wrong = []
    if all(map(torch.equal, last, model.parameters())):
        wrong.append("ema, keep: the model was left with the last weights, not with the average")
    return wrong + checks(history, optimizer, second, mix, wanted, len(train_loader))


def checks(
    history: Any,
    first: torch.optim.Optimizer,
    second: torch.optim.Optimizer,
    mix: Mix,
    wanted: dict[str, Any],
    batches: int,
) -> list[str]:
    """Say which options left no trace of having taken effect."""
    wrong = []
    chance = 1 / CLASSES
    if history.best is None or history.best <= chance:
        wrong.append(f"nothing was learnt: best val_acc {history.best}, chance is {chance}")
    print(f"batches mixed, by epoch: {mix.asked[:-1]}")
    if any(mix.asked[wanted["mix_until"] :]) or not mix.asked[0]:
        wrong.append(f"mix_until: mixed {mix.asked[:-1]} batches, by epoch")
    steps = max((int(state["step"]) for state in first.state.values()), default=0)
    print(f"steps of {type(first).__name__}: {steps}, {batches} batches an epoch")
    epochs, every = wanted["at"] - 1, wanted["accumulate"]
    if steps not in {epochs * (batches // every), epochs * -(-batches // every)}:
        wrong.append(f"accumulate, then, at: {steps} steps of the first optimizer")
    if not second.state:
        wrong.append("then: the second optimizer never took a step")
    if not history.lr[0] < history.lr[1]:
        wrong.append(f"warmup: the learning rate did not rise, {history.lr}")
    return wrong


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def _shown(value: Any) -> str:
    return type(value).__name__ if isinstance(value, torch.optim.Optimizer) else str(value)


def main() -> int:
    """Run the recipe."""
    given = arguments()
    with tempfile.TemporaryDirectory(prefix="recipe-") as place:
        os.environ["JUPYTER_DATA_DIR"] = f"{place}/jupyter"
        wrong = play(given, Path(place))
    for line in wrong:
        print(f"failed: {line}")
    print("every option was on" if not wrong else f"{len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
