from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jupyter_classgame.data import DataSpec, image_loading, load_images

Draw = Callable[..., Path]


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    image_loading._cache.clear()
    yield
    image_loading._cache.clear()


@pytest.fixture
def draw() -> Draw:
    """Write a picture: a colour, or coloured noise from a seed."""

    def draw(path: Path, colour: tuple[int, int, int] | int = 0, size=(12, 10)) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(colour, int):
            noise = np.random.default_rng(colour).integers(0, 256, (size[1], size[0], 3), np.uint8)
            Image.fromarray(noise).save(path)
        else:
            Image.new("RGB", size, colour).save(path)
        return path

    return draw


@pytest.fixture
def fill(draw: Draw) -> Callable[..., Path]:
    """Fill class folders: fill(folder, cat=3, dog=5)."""

    def fill(folder: Path, **counts: int) -> Path:
        for number, (name, count) in enumerate(counts.items()):
            (folder / name).mkdir(parents=True, exist_ok=True)
            for index in range(count):
                draw(folder / name / f"{index:03d}.png", 1000 * number + index)
        return folder

    return fill


@pytest.fixture
def lazy(tmp_path, fill):
    """Sets of images that are decoded as they are asked for."""
    return load_images(
        DataSpec("folder", fill(tmp_path / "pictures", cat=40, dog=40)), memory_cap=0
    )
