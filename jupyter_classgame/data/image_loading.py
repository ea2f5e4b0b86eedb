"""From a pack's data to the images of its game, read once in a process."""

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import Any

import torch

from jupyter_classgame.data.images.image_sets import (
    ImageSets,
    ImageSource,
    LazyImages,
    ResidentImages,
)
from jupyter_classgame.data.images.picture_decoder import Size
from jupyter_classgame.data.images.picture_reader import Progress, Reading, read_all
from jupyter_classgame.data.images.source_pictures import Part
from jupyter_classgame.data.sources import find
from jupyter_classgame.data.splits import split_parts
from jupyter_classgame.errors import DataError
from jupyter_classgame.packs.spec import DataSpec

SMALLEST, LARGEST = 8, 1024
SPLITS = ("train", "val", "test")

_cache: OrderedDict[str, tuple[ImageSets, int]] = OrderedDict()
_cache_lock = Lock()


def load_images(
    spec: DataSpec,
    image_size: Size | None = None,
    *,
    memory_cap: int,
    progress: Progress | None = None,
) -> ImageSets:
    """Find, check, split and decode the images of a pack.

    The same images at the same size are decoded once in a process.

    Parameters
    ----------
    spec : DataSpec
    image_size : tuple of int or None
        (height, width) in pixels, each 8 to 1024; None for the pack's, or else the source's own.
    memory_cap : int
        Bytes. Images that would take more are checked now and decoded as they are needed.
    progress : callable or None
        Called as ``progress(done, total)`` in images, from the calling thread; never called if the
        images are in memory already.

    Raises
    ------
    DataError
        If images are missing, broken or too few; one line says which and what to do.
    """
    collection = find(spec)
    size = _checked_size(image_size or spec.image_size or collection.image_size)
    parts = split_parts(collection)
    needed = sum(map(len, parts)) * 3 * size[0] * size[1]
    keep = needed <= memory_cap
    # The notes are part of the key: a stray file may come or go while the pictures stay.
    key = _digest(collection.classes, collection.notes, size, keep, *map(_signature, parts))
    with _cache_lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key][0]
    readings = read_all([part.pictures for part in parts], size, keep=keep, progress=progress)
    notes = collection.notes
    if not keep:
        lazy = (
            f"images decoded as needed, which is slower: at {size[0]}x{size[1]} they take "
            f"{needed / 1e9:,.2f} GB, above the memory cap of {memory_cap / 1e9:,.2f} GB"
        )
        notes = (*notes, lazy)
    train, val, test = (
        _source(part, reading, size) for part, reading in zip(parts, readings, strict=True)
    )
    content = [(name, reading.digest) for name, reading in zip(SPLITS, readings, strict=True)]
    labels = [part.labels.tolist() for part in parts]
    fingerprint = _digest(collection.classes, content, labels)
    sets = ImageSets(collection.classes, size, train, val, test, fingerprint, notes)
    _remember(key, sets, needed if keep else 0, memory_cap)
    return sets


def _source(part: Part, reading: Reading, size: Size) -> ImageSource:
    if reading.pixels is None:
        return LazyImages(part.pictures, part.labels, size)
    return ResidentImages(torch.from_numpy(reading.pixels), part.labels)


def _remember(key: str, sets: ImageSets, size: int, memory_cap: int) -> None:
    """Keep `sets` for the next game; those unused longest go when all exceed `memory_cap`."""
    with _cache_lock:
        _cache[key] = sets, size
        while len(_cache) > 1 and sum(size for _, size in _cache.values()) > memory_cap:
            _cache.popitem(last=False)


def _signature(part: Part) -> tuple[bytes, list[int]]:
    return part.pictures.signature(), part.labels.tolist()


def _digest(*parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _checked_size(size: Any) -> Size:
    match size:
        case (int(height), int(width)) if all(SMALLEST <= side <= LARGEST for side in size):
            return height, width
    raise DataError(
        f"image size must be two whole numbers of pixels (height, width) from {SMALLEST} to "
        f"{LARGEST}, not {size!r}."
    )
