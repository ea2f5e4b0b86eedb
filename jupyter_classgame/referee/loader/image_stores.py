"""The places where a dataset stores its images, which can hold probe images instead.

A probe image is an array of shape (height, width, 3), float, in [0, 1]. A store encodes it in the
type, the range and the layout of its own images.
"""

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image

from jupyter_classgame.referee.isolation.object_graph import Reference
from jupyter_classgame.referee.loader.file_store import FileStore
from jupyter_classgame.referee.loader.image_codec import (
    SMALLEST,
    ImageCodec,
    Picture,
    range_of,
    side_of,
)

Chooser = Callable[[Any], Picture]
"""Returns the picture for a key, which is an index or a path."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".ppm", ".gif", ".tif", ".tiff", ".pgm")
MOST_BYTES = 1 << 30
MANY = 64
"""Images that a dictionary holds more of, where it is a cache and not one of settings."""


class ImageStore(Protocol):
    """Images that can be replaced for a while."""

    path: str
    size: tuple[int, int]

    def show(self, choose: Chooser, *, uniform: bool) -> None:
        """Hold `choose(key)` for every key; with `uniform` all pictures are the same."""
        ...

    def undo(self) -> None:
        """Restore the original images."""
        ...


def is_image(value: Any) -> bool:
    """Return whether `value` is one image: an array, a tensor or a PIL image."""
    if isinstance(value, Image.Image):
        return True
    if isinstance(value, (np.ndarray, torch.Tensor)):
        return _image_shape(tuple(value.shape)) and _numeric(value)
    return False


def _image_shape(shape: tuple[int, ...]) -> bool:
    if len(shape) == 2:
        return min(shape) > SMALLEST
    if len(shape) == 3:
        if shape[0] in (1, 3, 4) and min(shape[1:]) > SMALLEST:
            return True
        return shape[-1] in (1, 3, 4) and min(shape[:2]) > SMALLEST
    return False


def _numeric(value: Any) -> bool:
    if isinstance(value, torch.Tensor):
        return value.dtype not in (torch.bool, torch.complex64, torch.complex128)
    return value.dtype.kind in "iuf"


class LazyList(list[Any]):
    """A list whose elements are made when they are read."""

    def __init__(self, original: Sequence[Any], make: Callable[[int, Any], Any]) -> None:
        super().__init__(original)
        self.make = make

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        position = index.__index__()
        position += len(self) if position < 0 else 0
        return self.make(position, super().__getitem__(position))

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))


class LazyDict(OrderedDict[Any, Any]):
    """A dictionary whose values are made when they are read."""

    def __init__(self, original: Mapping[Any, Any], make: Callable[[Any, Any], Any]) -> None:
        super().__init__(original)
        self.make = make

    def __getitem__(self, key: Any) -> Any:
        return self.make(key, super().__getitem__(key))

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the value at `key`, made anew, or the default."""
        found = super().get(key, self)
        return default if found is self else self.make(key, found)


class ArrayStore:
    """An array or a tensor of images along its first axis."""

    def __init__(self, reference: Reference) -> None:
        self.reference, self.path = reference, reference.path
        self.images = reference.value
        step = max(1, len(self.images) // 32)
        samples = [self.images[i] for i in range(0, len(self.images), step)][:32]
        self.codec = ImageCodec(samples[0], *range_of(samples))
        self.size = self.codec.size

    def show(self, choose: Chooser, *, uniform: bool) -> None:
        """Hold `choose(key)` for every key."""
        count = len(self.images)
        if uniform:
            one = self.codec(choose(0))
            if isinstance(one, torch.Tensor):
                shown: Any = one.expand(count, *one.shape)
            else:
                shown = np.lib.stride_tricks.as_strided(
                    one, (count, *one.shape), (0, *one.strides), writeable=True
                )
        else:
            if _nbytes(self.images) > MOST_BYTES:
                raise MemoryError(f"{self.path} is too large to stand in for")
            # A few pictures cover all keys: encode each once.
            made: dict[int, Any] = {}
            pictures = [choose(key) for key in range(count)]
            for picture in pictures:
                if id(picture) not in made:
                    made[id(picture)] = self.codec(picture)
            first = next(iter(made.values()))
            kinds = {key: number for number, key in enumerate(made)}
            order = np.array([kinds[id(p)] for p in pictures])
            if isinstance(first, torch.Tensor):
                shown = torch.stack(list(made.values()))[torch.from_numpy(order)]
            else:
                shown = np.stack(list(made.values()))[order]
        if self.reference.put is not None:
            self.reference.put(shown)

    def undo(self) -> None:
        """Restore the original images."""
        self.reference.undo()


class ListStore:
    """A list of images, or of tuples or dictionaries with an image in each."""

    def __init__(self, reference: Reference, find: Callable[[Any], Any]) -> None:
        self.reference, self.path, self.find = reference, reference.path, find
        samples = [find(item)[1] for item in _held(reference.value)[:32]]
        plain = [s for s in samples if not isinstance(s, Image.Image)]
        self.codec = ImageCodec(samples[0], *(range_of(plain) if plain else (0.0, 1.0)))
        self.size = self.codec.size

    def show(self, choose: Chooser, *, uniform: bool) -> None:  # noqa: ARG002
        """Hold `choose(key)` for every key."""

        def make(index: int, item: Any) -> Any:
            return None if item is None else _with_image(item, self.find, self.codec(choose(index)))

        if self.reference.put is not None:
            self.reference.put(LazyList(self.reference.value, make))

    def undo(self) -> None:
        """Restore the original images."""
        self.reference.undo()


class DictStore:
    """A dictionary of images, or of tuples with an image in each: a cache that was filled."""

    def __init__(self, reference: Reference, find: Callable[[Any], Any]) -> None:
        self.reference, self.path, self.find = reference, reference.path, find
        samples = [find(item)[1] for item in _held(list(reference.value.values())[:64])[:32]]
        plain = [s for s in samples if not isinstance(s, Image.Image)]
        self.codec = ImageCodec(samples[0], *(range_of(plain) if plain else (0.0, 1.0)))
        self.size = self.codec.size

    def show(self, choose: Chooser, *, uniform: bool) -> None:  # noqa: ARG002
        """Hold `choose(key)` for every key."""

        def make(key: Any, item: Any) -> Any:
            return None if item is None else _with_image(item, self.find, self.codec(choose(key)))

        if self.reference.put is not None:
            self.reference.put(LazyDict(self.reference.value, make))

    def undo(self) -> None:
        """Restore the original images."""
        self.reference.undo()


def _held(items: Sequence[Any]) -> list[Any]:
    """Return the items of a cache that are there already."""
    return [item for item in items if item is not None]


def _with_image(item: Any, find: Callable[[Any], Any], image: Any) -> Any:
    """Return an item with another image in it."""
    key, _ = find(item)
    if key is None:
        return image
    if isinstance(item, dict):
        return {**item, key: image}
    changed = list(item)
    changed[key] = image
    return type(item)(changed) if type(item) in (list, tuple) else type(item)(*changed)


class SourceStore:
    """An image source of the game: an object with ``image(i)`` and ``images(indices)``."""

    def __init__(self, reference: Reference) -> None:
        self.reference, self.path = reference, reference.path
        self.source = reference.value
        sample = self.source.image(0)
        self.codec = ImageCodec(sample, 0.0, 255.0)
        self.size = self.codec.size

    def show(self, choose: Chooser, *, uniform: bool) -> None:  # noqa: ARG002
        """Hold `choose(key)` for every key."""
        if self.reference.put is not None:
            self.reference.put(_SourceStandIn(self.source, lambda index: self.codec(choose(index))))

    def undo(self) -> None:
        """Restore the original images."""
        self.reference.undo()


class _SourceStandIn:
    """An image source with the attributes of another one and other images."""

    def __init__(self, source: Any, make: Callable[[int], Any]) -> None:
        self.source, self.make = source, make

    def __len__(self) -> int:
        return len(self.source)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.source, name)

    def image(self, index: int) -> Any:
        """Return the image at `index`."""
        return self.make(int(index))

    def images(self, indices: Any) -> Any:
        """Return the images at `indices`, stacked."""
        return torch.stack([self.make(int(i)) for i in torch.as_tensor(indices)])


def _nbytes(images: Any) -> int:
    return int(images.nbytes)


def find_stores(references: Sequence[Reference]) -> list[ImageStore]:
    """Return the image stores among references; the files too, where a path or nothing is found."""
    found: list[ImageStore] = []
    example: str | None = None
    inside: list[str] = []
    for reference in references:
        if reference.path.startswith(tuple(inside)):
            continue
        if example is None and isinstance(reference.value, (str, os.PathLike)):
            example = _picture_path(reference.value)
        store = _store(reference)
        if store is not None:
            found.append(store)
            if isinstance(store, (SourceStore, ListStore, DictStore)):
                inside.append(reference.path)
    if example is not None or not found:
        found.append(FileStore(example))
    return found


def _picture_path(value: Any) -> str | None:
    path = os.fspath(value)
    if isinstance(path, str) and path.lower().endswith(SUFFIXES) and Path(path).is_file():
        return path
    return None


def _store(reference: Reference) -> ImageStore | None:
    value = reference.value
    if reference.put is None:
        return None
    try:
        if callable(getattr(value, "image", None)) and callable(getattr(value, "images", None)):
            return SourceStore(reference)
        if isinstance(value, (np.ndarray, torch.Tensor)) and _numeric(value):
            if len(value.shape) > 1 and len(value) > 1 and _array_of_images(tuple(value.shape)):
                return ArrayStore(reference)
        elif isinstance(value, (list, tuple, dict)) and len(value) > 1:
            return _store_of_items(reference)
    except Exception:  # noqa: BLE001 - attributes of a user's object may raise anything
        return None
    return None


def _store_of_items(reference: Reference) -> ImageStore | None:
    """Return the store of a list or a dictionary, of which some may not be filled yet."""
    value = reference.value
    items = value.values() if isinstance(value, dict) else value
    first = next((item for item in items if item is not None), None)
    finder = finder_of(first)
    if isinstance(value, dict):
        single = is_image(first) or isinstance(first, tuple)
        return DictStore(reference, finder) if finder and single and len(value) > MANY else None
    large = isinstance(value, list) or len(value) > 8
    return ListStore(reference, finder) if finder and large else None


def _array_of_images(shape: tuple[int, ...]) -> bool:
    if len(shape) == 2:
        return any(side_of(shape[1], channels) for channels in (1, 3))
    return _image_shape(shape[1:])


def finder_of(item: Any) -> Callable[[Any], Any] | None:
    """Return what finds the key and the image in an item like this one; None without an image."""
    if is_image(item):
        return lambda one: (None, one)
    if isinstance(item, dict):
        for key, value in item.items():
            if is_image(value):
                return lambda one, key=key: (key, one[key])  # type: ignore[misc]
    if isinstance(item, (list, tuple)):
        for position, value in enumerate(item[:4]):
            if is_image(value):
                return lambda one, position=position: (position, one[position])  # type: ignore[misc]
    return None
