"""Where a dataset keeps its images, and showing probe images there instead.

An image shown is an array of shape (height, width, 3), float, in [0, 1]; a store turns it into
what it holds: the type, the range and the layout of its own images.
"""

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image

from .walk import Place

Picture = np.ndarray
Chooser = Callable[[Any], Picture]
"""Gives the picture to show for a key: a position, a path."""

SMALLEST = 7
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".ppm", ".gif", ".tif", ".tiff", ".pgm")
MOST_BYTES = 1 << 30
SIDE = 256


class Store(Protocol):
    """Images that can be stood in for."""

    path: str
    size: tuple[int, int]

    def show(self, choose: Chooser, *, uniform: bool) -> None:
        """Hold `choose(key)` for every key; `uniform` promises that all are the same."""
        ...

    def undo(self) -> None:
        """Hold what was held before."""
        ...


class Codec:
    """Turns pictures into the kind of image that `sample` is, within `low` and `high`."""

    def __init__(self, sample: Any, low: float, high: float) -> None:
        self.low, self.high = low, high
        self.sample = sample
        if isinstance(sample, Image.Image):
            self.size = (sample.height, sample.width)
            return
        shape = tuple(sample.shape)
        self.flat = len(shape) == 1
        if self.flat:
            channels = next(c for c in (1, 3) if _side(shape[0], c))
            side = _side(shape[0], channels)
            self.layout, self.channels, self.size = "CHW", channels, (side, side)
        elif len(shape) == 2:  # noqa: PLR2004
            self.layout, self.channels, self.size = "HW", 1, shape
        elif shape[-1] in (1, 3, 4) and shape[0] not in (1, 3):
            self.layout, self.channels, self.size = "HWC", shape[-1], shape[:2]
        else:
            self.layout, self.channels, self.size = "CHW", shape[0], shape[1:]

    def __call__(self, picture: Picture) -> Any:
        if isinstance(self.sample, Image.Image):
            image = Image.fromarray((picture * 255).round().astype(np.uint8))
            return image if self.sample.mode == "RGB" else image.convert(self.sample.mode)
        values = picture.mean(-1, keepdims=True) if self.channels == 1 else picture
        if self.channels > 3:  # noqa: PLR2004 - an opaque alpha channel
            values = np.concatenate([values, np.ones_like(values[..., :1])], -1)
        values = self.low + (self.high - self.low) * values
        if self.layout == "HW":
            values = values[..., 0]
        elif self.layout == "CHW":
            values = np.ascontiguousarray(values.transpose(2, 0, 1))
        if self.flat:
            values = values.reshape(-1)
        if isinstance(self.sample, torch.Tensor):
            if not self.sample.is_floating_point():
                values = values.round()
            return torch.from_numpy(np.ascontiguousarray(values)).to(
                self.sample.device, self.sample.dtype
            )
        if self.sample.dtype.kind in "iu":
            values = values.round()
        return values.astype(self.sample.dtype)


def _side(length: int, channels: int) -> int:
    side = round((length / channels) ** 0.5)
    return side if side > SMALLEST and side * side * channels == length else 0


def is_image(value: Any) -> bool:
    """Whether `value` is one picture, as an array, a tensor or a PIL image."""
    if isinstance(value, Image.Image):
        return True
    if isinstance(value, (np.ndarray, torch.Tensor)):
        return _image_shape(tuple(value.shape)) and _numeric(value)
    return False


def _image_shape(shape: tuple[int, ...]) -> bool:
    if len(shape) == 2:  # noqa: PLR2004
        return min(shape) > SMALLEST
    if len(shape) == 3:  # noqa: PLR2004
        if shape[0] in (1, 3, 4) and min(shape[1:]) > SMALLEST:
            return True
        return shape[-1] in (1, 3, 4) and min(shape[:2]) > SMALLEST
    return False


def _numeric(value: Any) -> bool:
    if isinstance(value, torch.Tensor):
        return value.dtype not in (torch.bool, torch.complex64, torch.complex128)
    return value.dtype.kind in "iuf"


def _range(samples: Sequence[Any]) -> tuple[float, float]:
    """Return the range that such images span, as one would have scaled them."""
    arrays = [
        np.asarray(s.detach().cpu() if isinstance(s, torch.Tensor) else s) for s in samples
    ]
    low = float(min(a.min() for a in arrays))
    high = float(max(a.max() for a in arrays))
    if high <= low:
        return 0.0, (255.0 if arrays[0].dtype == np.uint8 else 1.0)
    if low >= 0:
        for ceiling in (1.0, 16.0, 255.0):
            if high <= ceiling * 1.001:
                return 0.0, ceiling
    return low, high


class Same(list[Any]):
    """A list whose elements are made when they are asked for."""

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


class ArrayStore:
    """An array or a tensor of images, the first axis counting them."""

    def __init__(self, place: Place) -> None:
        self.place, self.path = place, place.path
        self.images = place.value
        step = max(1, len(self.images) // 32)
        samples = [self.images[i] for i in range(0, len(self.images), step)][:32]
        self.codec = Codec(samples[0], *_range(samples))
        self.size = self.codec.size

    def show(self, choose: Chooser, *, uniform: bool) -> None:
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
        if self.place.put is not None:
            self.place.put(shown)

    def undo(self) -> None:
        self.place.undo()


class ListStore:
    """A list of pictures, or of (picture, label) pairs or dictionaries."""

    def __init__(self, place: Place, find: Callable[[Any], Any]) -> None:
        self.place, self.path, self.find = place, place.path, find
        samples = [find(item)[1] for item in place.value[:32]]
        plain = [s for s in samples if not isinstance(s, Image.Image)]
        self.codec = Codec(samples[0], *(_range(plain) if plain else (0.0, 1.0)))
        self.size = self.codec.size

    def show(self, choose: Chooser, *, uniform: bool) -> None:  # noqa: ARG002
        def make(index: int, item: Any) -> Any:
            key, _ = self.find(item)
            image = self.codec(choose(index))
            if key is None:
                return image
            if isinstance(item, dict):
                return {**item, key: image}
            changed = list(item)
            changed[key] = image
            return type(item)(changed) if type(item) in (list, tuple) else type(item)(*changed)

        if self.place.put is not None:
            self.place.put(Same(self.place.value, make))

    def undo(self) -> None:
        self.place.undo()


class SourceStore:
    """An object with ``image(i)`` and ``images(indices)``: the game's own image source."""

    def __init__(self, place: Place) -> None:
        self.place, self.path = place, place.path
        self.source = place.value
        sample = self.source.image(0)
        self.codec = Codec(sample, 0.0, 255.0)
        self.size = self.codec.size

    def show(self, choose: Chooser, *, uniform: bool) -> None:  # noqa: ARG002
        if self.place.put is not None:
            self.place.put(_StandIn(self.source, lambda index: self.codec(choose(index))))

    def undo(self) -> None:
        self.place.undo()


class _StandIn:
    def __init__(self, source: Any, make: Callable[[int], Any]) -> None:
        self.source, self.make = source, make

    def __len__(self) -> int:
        return len(self.source)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.source, name)

    def image(self, index: int) -> Any:
        return self.make(int(index))

    def images(self, indices: Any) -> Any:
        return torch.stack([self.make(int(i)) for i in torch.as_tensor(indices)])


class FileStore:
    """Files: what reads them is stood in for, wherever modules have it under a name."""

    def __init__(self, example: str | None) -> None:
        self.path = "files"
        self.size = _file_size(example)
        self.opened: list[str] = []
        self._readers: list[_Reader] | None = None

    def show(self, choose: Chooser, *, uniform: bool) -> None:  # noqa: ARG002
        def picture(source: Any) -> Picture:
            name = str(getattr(source, "name", source))
            self.opened.append(name)
            return choose(name)

        if self._readers is None:
            self._readers = _readers(self.size)
        for reader in self._readers:
            stand_in = functools.partial(_read, reader.codec, picture)
            for space, name in reader.names:
                space[name] = stand_in

    def undo(self) -> None:
        for reader in self._readers or ():
            for space, name in reader.names:
                space[name] = reader.function


@dataclass(frozen=True)
class _Reader:
    """A function that reads picture files, and everywhere a module has it under a name."""

    function: Any
    codec: Codec
    names: list[tuple[dict[str, Any], str]]


def _read(codec: Codec, picture: Callable[[Any], Picture], source: Any, *_: Any, **__: Any) -> Any:
    return codec(picture(source))


def _readers(size: tuple[int, int]) -> list[_Reader]:
    as_pil = Codec(Image.new("RGB", (1, 1)), 0.0, 1.0)
    as_tensor = Codec(torch.zeros(3, *size, dtype=torch.uint8), 0.0, 255.0)
    as_array = Codec(np.zeros((*size, 3), np.uint8), 0.0, 255.0)
    wanted: dict[int, tuple[Any, Codec]] = {id(Image.open): (Image.open, as_pil)}
    for module, codec in (
        ("torchvision.io", as_tensor), ("torchvision.io.image", as_tensor), ("cv2", as_array),
        ("imageio", as_array), ("imageio.v2", as_array), ("imageio.v3", as_array),
        ("matplotlib.pyplot", as_array), ("matplotlib.image", as_array), ("skimage.io", as_array),
    ):  # fmt: skip
        space = getattr(sys.modules.get(module), "__dict__", {})
        for name in ("read_image", "decode_image", "imread"):
            if callable(space.get(name)):
                wanted[id(space[name])] = (space[name], codec)
    names: dict[int, list[tuple[dict[str, Any], str]]] = {number: [] for number in wanted}
    for loaded in list(sys.modules.values()):
        space = getattr(loaded, "__dict__", None)
        if isinstance(space, dict):
            for name, value in list(space.items()):
                if id(value) in names:
                    names[id(value)].append((space, name))
    return [_Reader(function, codec, names[number]) for number, (function, codec) in wanted.items()]


def _file_size(example: str | None) -> tuple[int, int]:
    if example is not None:
        with contextlib.suppress(OSError, ValueError), Image.open(example) as image:
            width, height = image.size
            scale = min(1.0, SIDE / max(width, height))
            return max(8, round(height * scale)), max(8, round(width * scale))
    return 64, 64


def _nbytes(images: Any) -> int:
    return int(images.nbytes)


def find_stores(places: Sequence[Place]) -> list[Store]:
    """Return every store of images among what was found by walking a dataset."""
    found: list[Store] = []
    example: str | None = None
    inside: list[str] = []
    for place in places:
        if place.path.startswith(tuple(inside)):
            continue
        if example is None and isinstance(place.value, (str, os.PathLike)):
            example = _picture_path(place.value)
        store = _store(place)
        if store is not None:
            found.append(store)
            if isinstance(store, (SourceStore, ListStore)):
                inside.append(place.path)
    if example is not None or not found:
        found.append(FileStore(example))
    return found


def _picture_path(value: Any) -> str | None:
    path = os.fspath(value)
    if isinstance(path, str) and path.lower().endswith(SUFFIXES) and Path(path).is_file():
        return path
    return None


def _store(place: Place) -> Store | None:
    value = place.value
    if place.put is None:
        return None
    try:
        if callable(getattr(value, "image", None)) and callable(getattr(value, "images", None)):
            return SourceStore(place)
        if isinstance(value, (np.ndarray, torch.Tensor)) and _numeric(value):
            if len(value.shape) > 1 and len(value) > 1 and _array_of_images(tuple(value.shape)):
                return ArrayStore(place)
        elif isinstance(value, (list, tuple)) and len(value) > 1:
            finder = _finder(value[0])
            if finder is not None and (isinstance(value, list) or len(value) > 8):  # noqa: PLR2004
                return ListStore(place, finder)
    except Exception:  # noqa: BLE001 - a user's object may raise anything when looked at
        return None
    return None


def _array_of_images(shape: tuple[int, ...]) -> bool:
    if len(shape) == 2:  # noqa: PLR2004
        return any(_side(shape[1], channels) for channels in (1, 3))
    return _image_shape(shape[1:])


def _finder(item: Any) -> Callable[[Any], Any] | None:
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
