"""The images that all sides train on: CIFAR-10 or others from a path, or generated ones.

They are decoded and resized once, before anything is measured, and written twice: as arrays for
the peers, and as a folder of PNG files of the same pixels for ``%classgame new``.
"""

import argparse
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

GENERATED = tuple(f"{way}_{waves}" for way in ("across", "down") for waves in range(1, 6))
VALIDATION, HIDDEN = 1000, 100
"""Most images to validate by, and images that the game hides."""


def command_line(description: str) -> argparse.ArgumentParser:
    """Return a parser of a command line that may name the images, with an unwrapped description."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--data", type=Path, help="cifar10.npz, or a folder of train/ and test/")
    return made


class InMemory(Dataset[tuple[Tensor, int]]):
    """The ordinary dataset: resident uint8 images, one transform an image."""

    def __init__(
        self, images: Tensor, labels: Tensor, transform: Callable[[Tensor], Tensor] | None = None
    ) -> None:
        self.images, self.labels, self.transform = images, labels.tolist(), transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = self.images[index].float() / 255
        return (image if self.transform is None else self.transform(image)), self.labels[index]


def read(folder: Path, split: str) -> tuple[Tensor, Tensor]:
    """Give the prepared images of "train" or "val": uint8 (N, 3, H, W), and labels int64 (N,)."""
    with np.load(folder / f"{split}.npz") as pack:
        return torch.from_numpy(pack["images"]), torch.from_numpy(pack["labels"])


def prepare(folder: Path, size: int, count: int, data: Path | None, seed: int = 0) -> str:
    """Write ``count`` training images and the others below a folder, and say what they are.

    Parameters
    ----------
    folder
        Gets ``train.npz``, ``val.npz`` and ``images/{train,val,test}/CLASS/*.png``.
    size
        Pixels a side.
    count
        Training images, divided evenly among the classes.
    data
        ``cifar10.npz``, or a folder with ``train/CLASS/*`` and ``test/CLASS/*``; None generates.

    Raises
    ------
    SystemExit
        There is no such data, or too little of it.
    """
    if data is None:
        classes, source, said = GENERATED, _generated(seed), "generated gratings"
    elif data.is_dir():
        classes, source, said = _folder(data)
    elif data.is_file():
        classes, source, said = _npz(data)
    else:
        raise SystemExit(f"--data {data}: there is no such file or folder")
    each = count // len(classes)
    if each < 1:
        raise SystemExit(f"--images {count}: at least {len(classes)} are needed, one a class")
    held = max(1, min(VALIDATION, count) // len(classes))
    hidden = HIDDEN // len(classes)
    plan = {"train": ("train", 0, each), "val": ("test", 0, held), "test": ("test", held, hidden)}
    for split, (origin, first, number) in plan.items():
        images, labels = [], []
        for label, name in enumerate(classes):
            target = folder / "images" / split / name
            target.mkdir(parents=True)
            found = 0
            for picture in source(origin, label, first, number, size):
                picture.save(target / f"{found:05}.png", compress_level=1)
                images.append(np.asarray(picture).transpose(2, 0, 1))
                labels.append(label)
                found += 1
            if found < number:
                raise SystemExit(
                    f"--data {data}: class {name!r} has {first + found} images in {origin!r} and "
                    f"{first + number} are needed; give fewer with --images"
                )
        np.savez(folder / f"{split}.npz", images=np.stack(images), labels=np.array(labels))
    return f"{each * len(classes):,} images of {said}"


Source = Callable[[str, int, int, int, int], Iterator[Image.Image]]


def _npz(path: Path) -> tuple[tuple[str, ...], Source, str]:
    with np.load(path) as pack:
        held = {name: pack[name] for name in pack.files}
    names = [str(name) for name in held["classes"]]
    classes = tuple(sorted(names))

    def source(split: str, label: int, first: int, number: int, size: int) -> Iterator[Any]:
        number_there = names.index(classes[label])
        offsets = held[f"{split}_offsets"]
        places = np.flatnonzero(held[f"{split}_labels"] == number_there)[first : first + number]
        for place in places:
            content = held[f"{split}_bytes"][offsets[place] : offsets[place + 1]].tobytes()
            yield _opened(BytesIO(content), size)

    return classes, source, path.name


def _folder(path: Path) -> tuple[tuple[str, ...], Source, str]:
    classes = tuple(sorted(entry.name for entry in (path / "train").glob("*") if entry.is_dir()))
    if not classes:
        raise SystemExit(f"--data {path}: train/CLASS/ and test/CLASS/ are needed in it")

    def source(split: str, label: int, first: int, number: int, size: int) -> Iterator[Any]:
        files = sorted((path / split / classes[label]).glob("*"))[first : first + number]
        for file in files:
            yield _opened(file, size)

    return classes, source, path.name


def _opened(file: Any, size: int) -> Image.Image:
    with Image.open(file) as image:
        return image.convert("RGB").resize((size, size), Image.Resampling.BICUBIC)


def _generated(seed: int) -> Source:
    """Gratings: a class is a direction and a number of waves, which flip and shift leave alone."""

    def source(split: str, label: int, first: int, number: int, size: int) -> Iterator[Any]:
        way, waves = divmod(label, 5)
        place = np.arange(size) / size
        for index in range(first, first + number):
            rng = np.random.default_rng([seed, split == "train", label, index])
            wave = np.sin(2 * np.pi * ((waves + 1) * place + rng.random()))
            pixels = (
                np.repeat(wave[None], size, 0) if way == 0 else np.repeat(wave[:, None], size, 1)
            )
            colour = rng.uniform(10, 60, 3)
            noise = rng.normal(0, 40, (size, size, 3))
            image = 128 + pixels[..., None] * colour + noise
            yield Image.fromarray(image.clip(0, 255).astype(np.uint8))

    return source
