"""Memory-mapped resident images, which several processes share in one copy."""

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
    """Return a file with the pixels of images, written on the first call.

    From then on these images map the file, too. It is deleted with them; it is written again when
    pixels were changed in place.
    """
    version = images.pixels._version  # noqa: SLF001 - counts in-place writes
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
    """Write the pixels of images to a file: raw uint8, shape (n, 3, height, width)."""
    images.pixels.contiguous().numpy().tofile(path)


def open_mapped(path: str, shape: tuple[int, ...], labels: Indices) -> ResidentImages:
    """Map a file of :func:`write_pixels`; its pages are read on first access."""
    return ResidentImages(_mapped(Path(path), shape), labels)


def _mapped(path: Path, shape: tuple[int, ...]) -> Tensor:
    # Copy on write: a process's changes of its pixels stay its own, all other pages are shared.
    return torch.from_numpy(np.memmap(path, dtype=np.uint8, mode="c", shape=shape))
