"""Picture files as a store of images: the functions that read them are replaced."""

import contextlib
import functools
import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image

from jupyter_classgame.referee.loader.image_codec import ImageCodec, Picture

SIDE = 256


class FileStore:
    """All picture files: the functions that read them yield other pictures.

    Parameters
    ----------
    example
        Path of one of the files, for its size; None for 64 x 64.
    """

    def __init__(self, example: str | None) -> None:
        self.path = "files"
        self.size = _file_size(example)
        self.opened: list[str] = []
        self._readers: list[_ReadFunction] | None = None

    def show(self, choose: Callable[[Any], Picture], *, uniform: bool) -> None:  # noqa: ARG002
        """Yield `choose(path)` for every file."""

        def picture(source: Any) -> Picture:
            name = name_of(source)
            self.opened.append(name)
            return choose(name)

        if self._readers is None:
            self._readers = _readers(self.size)
        for reader in self._readers:
            stand_in = functools.partial(_read, reader.codec, picture)
            for space, name in reader.names:
                space[name] = stand_in

    def undo(self) -> None:
        """Restore the functions that read files."""
        for reader in self._readers or ():
            for space, name in reader.names:
                space[name] = reader.function


@dataclass(frozen=True)
class _ReadFunction:
    """A function that reads picture files, and all names that modules have for it."""

    function: Any
    codec: ImageCodec
    names: list[tuple[dict[str, Any], str]]


def name_of(source: Any) -> str:
    """Return the path of a picture, or a hash of its bytes where it is read from memory."""
    named = getattr(source, "name", source)
    if isinstance(named, (str, os.PathLike)):
        return os.fspath(named) if isinstance(os.fspath(named), str) else str(named)
    held: Any = source
    if isinstance(source, torch.Tensor):
        held = source.detach().cpu().contiguous().numpy()
    elif hasattr(source, "getbuffer"):
        held = source.getbuffer()
    try:
        return f"bytes {hashlib.blake2b(held, digest_size=12).hexdigest()}"
    except (TypeError, ValueError):
        return str(source)


def _read(
    codec: ImageCodec, picture: Callable[[Any], Picture], source: Any, *_: Any, **__: Any
) -> Any:
    return codec(picture(source))


def _readers(size: tuple[int, int]) -> list[_ReadFunction]:
    as_pil = ImageCodec(Image.new("RGB", (1, 1)), 0.0, 1.0)
    as_tensor = ImageCodec(torch.zeros(3, *size, dtype=torch.uint8), 0.0, 255.0)
    as_array = ImageCodec(np.zeros((*size, 3), np.uint8), 0.0, 255.0)
    wanted: dict[int, tuple[Any, ImageCodec]] = {id(Image.open): (Image.open, as_pil)}
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
    return [
        _ReadFunction(function, codec, names[number])
        for number, (function, codec) in wanted.items()
    ]


def _file_size(example: str | None) -> tuple[int, int]:
    if example is not None:
        with contextlib.suppress(OSError, ValueError), Image.open(example) as image:
            width, height = image.size
            scale = min(1.0, SIDE / max(width, height))
            return max(8, round(height * scale)), max(8, round(width * scale))
    return 64, 64
