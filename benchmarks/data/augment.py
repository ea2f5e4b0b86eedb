"""Vectorised augmentation of whole batches against torchvision image by image.

Both sides transform the same number of images, interleaved, in one process. Prints images/s of
each, their ratio and n, and at the end the geometric mean of the ratios. If kornia is installed,
its transforms are timed on the same batches; they draw from torch's global random state.

    python benchmarks/data/augment.py [--size 32] [--batch 64] [--n 9] [--threads 2] [--device cpu]
"""

import argparse
import importlib
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torchvision.transforms import v2

from jupyter_classgame.data.addressed_rng import Draws
from jupyter_classgame.data.feed.thread_count import limit_threads
from jupyter_classgame.data.vectorised import build_pipeline

SINGLE = 64
"""Images of a round that are transformed one by one."""


def transforms(size: int) -> dict[str, tuple[Any, str]]:
    """Return the transforms to time: torchvision's, and kornia's equivalent as source text."""
    shift = v2.RandomAffine(0, translate=(0.1, 0.1))
    return {
        "flip": (v2.RandomHorizontalFlip(), "RandomHorizontalFlip(p=0.5)"),
        "rotation": (v2.RandomRotation(15), "RandomRotation(15.0, resample='nearest', p=1.0)"),
        "shift": (shift, "RandomAffine(0.0, (0.1, 0.1), resample='nearest', p=1.0)"),
        "crop, padded": (v2.RandomCrop(size, padding=4), f"RandomCrop(({size}, {size}), 4)"),
        "resized crop": (v2.RandomResizedCrop(size), f"RandomResizedCrop(({size}, {size}))"),
        "blur": (v2.GaussianBlur(5, (0.1, 2)), "RandomGaussianBlur((5, 5), (0.1, 2.0), p=1.0)"),
        "erasing": (v2.RandomErasing(0.5), "RandomErasing(p=0.5)"),
        "colour jitter": (
            v2.ColorJitter(0.2, 0.2, 0.2, 0.05),
            "ColorJitter(0.2, 0.2, 0.2, 0.05, p=1.0)",
        ),
        "grey": (v2.RandomGrayscale(0.1), "RandomGrayscale(p=0.1)"),
        "noise": (v2.GaussianNoise(), "RandomGaussianNoise(std=0.1, p=1.0)"),
        "RandAugment": (v2.RandAugment(), ""),
        "flip, rotation, shift": (
            v2.Compose([v2.RandomHorizontalFlip(), v2.RandomRotation(15), shift]),
            "",
        ),
        "one lambda": (v2.Compose([v2.RandomHorizontalFlip(), lambda image: image * 0.5]), ""),
    }


def timed(function: Callable[[], Any], images: int, device: torch.device) -> float:
    """Time one call and return images/s."""
    start = time.perf_counter()
    function()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return images / (time.perf_counter() - start)


def rates(sides: dict[str, tuple[Callable[[], Any], int]], n: int, device: torch.device) -> dict:
    """Return the median images/s of each side over interleaved rounds."""
    for function, _ in sides.values():
        function()
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(n):
        for name, (function, images) in sides.items():
            found[name].append(timed(function, images, device))
    return {name: statistics.median(values) for name, values in found.items()}


def together(transform: Any, images: Tensor) -> Callable[[], Tensor]:
    """Return a function that transforms a copy of the batch, as the fast loader does."""

    def call() -> Tensor:
        with limit_threads(images):
            return build_pipeline(transform)(images.clone(), Draws(0, 1, range(len(images))))

    return call


def main() -> None:
    """Run the benchmark and print the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--n", type=int, default=9, help="rounds")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    device = torch.device(arguments.device)
    images = torch.rand(arguments.batch, 3, arguments.size, arguments.size)
    there = images.to(device)
    single = images[:SINGLE]
    kornia = None
    if importlib.util.find_spec("kornia"):
        kornia = importlib.import_module("kornia.augmentation")
    print(
        f"{arguments.size}x{arguments.size}, batches of {arguments.batch}, {device}, "
        f"{arguments.threads} threads, torch {torch.__version__}, n = {arguments.n} rounds, medians"
    )
    print(f"{'images/s':<24}{'batched':>12}{'one by one':>12}{'ratio':>8}{'kornia':>12}")
    ratios = []
    for name, (transform, spelt) in transforms(arguments.size).items():
        sides: dict[str, tuple[Callable[[], Any], int]] = {
            "batched": (together(transform, there), arguments.batch),
            "single": (lambda t=transform: [t(image) for image in single], len(single)),
        }
        if kornia and spelt:
            theirs = eval(f"kornia.{spelt}", {"kornia": kornia}).to(device)  # noqa: S307 - above
            sides["kornia"] = (lambda t=theirs: t(there.clone()), arguments.batch)
        found = rates(sides, arguments.n, device)
        ratio = found["batched"] / found["single"]
        ratios.append(ratio)
        peer = f"{found['kornia']:>12,.0f}" if "kornia" in found else ""
        print(f"{name:<24}{found['batched']:>12,.0f}{found['single']:>12,.0f}{ratio:>8.1f}{peer}")
    mean = math.exp(statistics.mean(map(math.log, ratios)))
    print(f"geometric mean of the ratios {mean:.1f} ({len(ratios)} transforms)")


if __name__ == "__main__":
    main()
