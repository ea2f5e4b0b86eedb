"""Resident images in a file that several processes map: they are in memory once for all of them."""

import weakref
from itertools import count
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from jupyter_classgame.data.images.image_sets import ResidentImages
from jupyter_classgame.data.images.source_pictures import Indices
from jupyter_classgame.data.temporary_folder import scratch_folder

_files: "weakref.WeakKeyDictionary[ResidentImages, tuple[int, Path]]" = weakref.WeakKeyDictionary()
_numbers = count()


def mapped_file(images: ResidentImages) -> Path:
    """Give the file of images' pixels, written when it is first asked for.

    From then on these images map it, too. It stays as long as they do; pixels changed in place are
    written anew.
    """
    version = images.pixels._version  # noqa: SLF001 - counts the writes
    known = _files.get(images)
    if known is not None and known[0] == version and known[1].exists():
        return known[1]
    path = scratch_folder() / f"images-{next(_numbers)}.u8"
    write_pixels(images, path)
    images.pixels = _mapped(path, tuple(images.pixels.shape))
    _files[images] = images.pixels._version, path  # noqa: SLF001
    weakref.finalize(images, path.unlink, missing_ok=True)
    return path


def write_pixels(images: ResidentImages, path: Path) -> None:
    """Write images' pixels to a file: uint8, shape (n, 3, height, width)."""
    images.pixels.contiguous().numpy().tofile(path)


def open_mapped(path: str, shape: tuple[int, ...], labels: Indices) -> ResidentImages:
    """Open such a file; nothing of it is read or copied before it is asked for."""
    return ResidentImages(_mapped(Path(path), shape), labels)


def _mapped(path: Path, shape: tuple[int, ...]) -> Tensor:
    # Copy on write: what one process writes to its pixels is its own, all else is shared.
    return torch.from_numpy(np.memmap(path, dtype=np.uint8, mode="c", shape=shape))
