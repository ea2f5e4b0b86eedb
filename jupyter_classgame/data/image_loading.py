"""Loading of a pack's images: find, check, split and decode, once in a process."""

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
from jupyter_classgame.data.images.picture_reader import PictureReader, Progress, read_pictures
from jupyter_classgame.data.images.source_pictures import LabelledPictures
from jupyter_classgame.data.sources import read_source
from jupyter_classgame.data.splits import split_parts
from jupyter_classgame.errors import DataError
from jupyter_classgame.packs.spec import DataSpec

SMALLEST, LARGEST = 8, 1024
MAX_CACHED = 8
"""Most sets of images in the cache; sets decoded on demand count as no bytes."""

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

    The same images at the same size are decoded once in a process, as long as they are in the
    cache.

    Parameters
    ----------
    spec
        The pack's source of images.
    image_size
        (height, width) in pixels, each from 8 to 1024; None takes the pack's size or, without one,
        the source's.
    memory_cap
        Bytes. Images that need more are only checked now and decoded on demand.
    progress
        Called as ``progress(done, total)``, in images, from the calling thread; not called if the
        images are in memory already.

    Raises
    ------
    DataError
        Images are missing, broken or too few, or the size is out of range; the message is one line
        and says what to do.
    """
    collection = read_source(spec)
    size = _checked_size(image_size or spec.image_size or collection.image_size)
    parts = split_parts(collection)
    needed = sum(map(len, parts)) * 3 * size[0] * size[1]
    keep = needed <= memory_cap
    # The notes are part of the key: a stray file may come or go while the pictures are the same.
    key = _digest(collection.classes, collection.notes, size, keep, *map(_signature, parts))
    with _cache_lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key][0]
    readers = read_pictures([part.pictures for part in parts], size, keep=keep, progress=progress)
    notes = collection.notes
    if not keep:
        lazy = (
            f"images decoded as needed, which is slower: at {size[0]}x{size[1]} they take "
            f"{needed / 1e9:,.2f} GB, above the memory cap of {memory_cap / 1e9:,.2f} GB"
        )
        notes = (*notes, lazy)
    train, val, test = (
        _source(part, reader, size) for part, reader in zip(parts, readers, strict=True)
    )
    content = [(name, reader.digest) for name, reader in zip(SPLITS, readers, strict=True)]
    labels = [part.labels.tolist() for part in parts]
    fingerprint = _digest(collection.classes, content, labels)
    sets = ImageSets(collection.classes, size, train, val, test, fingerprint, notes)
    _add_to_cache(key, sets, needed if keep else 0, memory_cap)
    return sets


def _source(part: LabelledPictures, reader: PictureReader, size: Size) -> ImageSource:
    if reader.pixels is None:
        return LazyImages(part.pictures, part.labels, size)
    return ResidentImages(torch.from_numpy(reader.pixels), part.labels)


def _add_to_cache(key: str, sets: ImageSets, size: int, memory_cap: int) -> None:
    """Cache ``sets`` for the next game; evict the least recently used beyond the limits."""
    with _cache_lock:
        _cache[key] = sets, size
        while len(_cache) > 1 and (
            len(_cache) > MAX_CACHED or sum(size for _, size in _cache.values()) > memory_cap
        ):
            _cache.popitem(last=False)


def _signature(part: LabelledPictures) -> tuple[bytes, list[int]]:
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
