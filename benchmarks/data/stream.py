"""The fast loader on images decoded on demand, against two workers that only decode and resize.

Writes JPEGs, then reads all of them in turn through the fast loader, which also converts them to
float, and through a DataLoader with num_workers=2 whose dataset returns uint8 pixels. The first
epoch of each side is a warm-up. Prints images/s and the ratio, which should be at least 0.9.

    python benchmarks/data/stream.py [--images 2000] [--pixels 256] [--size 96] [--n 5]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from jupyter_classgame.data import DataSpec, GameDataset, fast_loader_for, load_images, make_loader
from jupyter_classgame.data.images.picture_decoder import decode

LIMIT = 0.9


class Decoded(Dataset[tuple[Tensor, int]]):
    """Dataset of the same files that only decodes and resizes."""

    def __init__(self, paths: list[str], size: int) -> None:
        self.paths = paths
        self.size = size

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        pixels = decode(Path(self.paths[index]).read_bytes(), (self.size, self.size))
        return torch.from_numpy(pixels.transpose(2, 0, 1).copy()), 0


def write_pictures(folder: Path, count: int, pixels: int) -> None:
    """Write JPEGs of smooth noise, which compresses like photographs, in two classes."""
    generator = np.random.default_rng(0)
    for index in range(count):
        small = generator.integers(0, 256, (pixels // 8, pixels // 8, 3), dtype=np.uint8)
        place = folder / f"class{index % 2}"
        place.mkdir(exist_ok=True)
        image = Image.fromarray(small).resize((pixels, pixels), Image.Resampling.BICUBIC)
        image.save(place / f"{index:05}.jpg", quality=90)


def rate(batches: Callable[[], Iterable[tuple[Tensor, Tensor]]]) -> float:
    """Return images/s from the request of the first batch to the arrival of the last."""
    start, count = time.perf_counter(), 0
    for images, _ in batches():
        count += len(images)
    return count / (time.perf_counter() - start)


def main() -> None:
    """Run the benchmark and print the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--pixels", type=int, default=256, help="a side of a file's picture")
    parser.add_argument("--size", type=int, default=96, help="a side of the game's images")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--n", type=int, default=5, help="rounds")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_pictures(Path(folder), arguments.images, arguments.pixels)
        size = (arguments.size, arguments.size)
        sets = load_images(DataSpec("folder", Path(folder)), size, memory_cap=0)
        data = GameDataset.of(sets, "train")
        fast = fast_loader_for(make_loader(data, batch_size=arguments.batch))
        assert fast is not None
        paths = [sets.train.pictures.paths[index] for index in data.indices]
        workers = DataLoader(
            Decoded(paths, arguments.size), batch_size=arguments.batch, shuffle=True, num_workers=2
        )
        sides = {
            "fast loader": lambda: fast.batches(torch.device("cpu"), 0, 1),
            "two workers": lambda: workers,
        }
        for batches in sides.values():
            rate(batches)
        rounds = []
        for number in range(arguments.n):
            order = list(sides) if number % 2 == 0 else list(reversed(sides))
            rounds.append({name: rate(sides[name]) for name in order})
    ratios = [row["fast loader"] / row["two workers"] for row in rounds]
    medians = {name: statistics.median(row[name] for row in rounds) for name in sides}
    print(
        f"{arguments.pixels}x{arguments.pixels} JPEG to {size[0]}x{size[1]}, {len(data):,} images: "
        f"fast loader {medians['fast loader']:,.0f}, two workers {medians['two workers']:,.0f} "
        f"images/s, ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}; "
        f"limit {LIMIT}, n = {arguments.n} rounds, medians)"
    )


if __name__ == "__main__":
    main()
