"""Pictures as they are kept before the game's size is known: in an array or in files."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from jupyter_classgame.data.images.picture_decoder import Pixels, Size, decode, resize, verify

Indices = NDArray[np.int64]


class Pictures(Protocol):
    """A sequence of pictures of any sizes; picklable, and read from many threads at once."""

    def __len__(self) -> int: ...

    def take(self, indices: Indices) -> Self:
        """Return the pictures at `indices`, in that order."""
        ...

    def name(self, index: int) -> str:
        """Return where picture `index` is, for a message."""
        ...

    def content(self, index: int) -> bytes:
        """Return picture `index` as it is stored; raises OSError if it cannot be read."""
        ...

    def verify(self, content: bytes) -> None:
        """Raise BrokenImageError if a cheap look shows that `content` is no picture."""
        ...

    def decode(self, content: bytes, size: Size) -> Pixels:
        """Return `content` as (height, width, 3) uint8; raises BrokenImageError."""
        ...

    def signature(self) -> bytes:
        """Return a digest that changes when the pictures stored do; quick, reads no file."""
        ...


@dataclass(frozen=True, eq=False)
class ArrayPictures:
    """Pictures of one size in an array.

    Parameters
    ----------
    array : ndarray of uint8, shape (n, height, width, 3)
    title : str
        What to call them in a message.
    """

    array: Pixels
    title: str

    def __len__(self) -> int:
        return len(self.array)

    def take(self, indices: Indices) -> "ArrayPictures":
        """Return the pictures at `indices`, copied."""
        return ArrayPictures(self.array[indices], self.title)

    def name(self, index: int) -> str:
        """Return the position in the set it was taken from."""
        return f"{self.title} image {index}"

    def content(self, index: int) -> bytes:
        """Return the picture's pixels."""
        content: bytes = self.array[index].tobytes()
        return content

    def verify(self, content: bytes) -> None:
        """Do nothing: an array is always whole."""

    def decode(self, content: bytes, size: Size) -> Pixels:
        """Return the pixels, resized if need be."""
        pixels = np.frombuffer(content, dtype=np.uint8).reshape(self.array.shape[1:])
        return resize(Image.fromarray(pixels), size)

    def signature(self) -> bytes:
        """Return a digest of all pixels."""
        digest = hashlib.blake2b(repr(self.array.shape).encode(), digest_size=16)
        digest.update(np.ascontiguousarray(self.array).data)
        return digest.digest()


@dataclass(frozen=True, eq=False)
class FilePictures:
    """Pictures in files of their own."""

    paths: Sequence[str]

    def __len__(self) -> int:
        return len(self.paths)

    def take(self, indices: Indices) -> "FilePictures":
        """Return the pictures at `indices`."""
        return FilePictures([self.paths[index] for index in indices.tolist()])

    def name(self, index: int) -> str:
        """Return the path."""
        return self.paths[index]

    def content(self, index: int) -> bytes:
        """Return the whole file."""
        return Path(self.paths[index]).read_bytes()

    def verify(self, content: bytes) -> None:
        """Look at the file's header and end."""
        verify(content)

    def decode(self, content: bytes, size: Size) -> Pixels:
        """Decode the file and resize."""
        return decode(content, size)

    def signature(self) -> bytes:
        """Return a digest of all paths, sizes and times of change."""
        digest = hashlib.blake2b(digest_size=16)
        for path in self.paths:
            try:
                status = Path(path).stat()
                stamp: object = (path, status.st_size, status.st_mtime_ns)
            except OSError:  # what is missing is reported when it is read
                stamp = (path, None)
            digest.update(repr(stamp).encode())
        return digest.digest()


@dataclass(frozen=True, eq=False)
class Part:
    """Labelled pictures: `labels` are int64 class numbers, one a picture."""

    pictures: Pictures
    labels: Indices

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: Indices) -> "Part":
        """Return the pictures and labels at `indices`."""
        return Part(self.pictures.take(indices), self.labels[indices])


@dataclass(frozen=True, eq=False)
class Collection:
    """What a source finds; the parts it leaves None are cut from `train`.

    Parameters
    ----------
    name : str
        What to call it in a message.
    classes : tuple of str
        Class names; a label is a position in it.
    train, val, test : Part or None
    image_size : tuple of int
        (height, width) in pixels when nobody asks for another.
    notes : tuple of str
        One-liners a player should read before training.
    """

    name: str
    classes: tuple[str, ...]
    train: Part
    val: Part | None
    test: Part | None
    image_size: Size
    notes: tuple[str, ...] = ()
