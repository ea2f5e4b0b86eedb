"""Pictures as a source stores them, in an array or in files, and their labels."""

import hashlib
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from jupyter_classgame.data.images.picture_decoder import Pixels, Size, decode, resize, verify
from jupyter_classgame.data.images.regular_file import read_regular
from jupyter_classgame.errors import shown

Indices = NDArray[np.int64]


class Pictures(Protocol):
    """Sequence of pictures of any sizes; picklable and thread-safe."""

    def __len__(self) -> int: ...

    def take(self, indices: Indices) -> Self:
        """Return the pictures at ``indices``, in that order."""
        ...

    def name(self, index: int) -> str:
        """Return the name of picture ``index`` for a message."""
        ...

    def content(self, index: int) -> bytes:
        """Return picture ``index`` as stored, undecoded; raises OSError if it cannot be read."""
        ...

    def verify(self, content: bytes) -> None:
        """Raise BrokenImageError if a cheap check shows that ``content`` is no picture."""
        ...

    def decode(self, content: bytes, size: Size) -> Pixels:
        """Decode ``content``: uint8, shape (height, width, 3); raises BrokenImageError."""
        ...

    def signature(self) -> bytes:
        """Return a digest that changes when the stored pictures change; reads no file."""
        ...

    def originals(self) -> Indices:
        """Return for each picture the position of the first one that is stored like it."""
        ...


@dataclass(frozen=True, eq=False)
class ArrayPictures:
    """Pictures of one size in an array.

    Parameters
    ----------
    array
        The pixels: uint8, shape (n, height, width, 3).
    title
        Their name in messages.
    """

    array: Pixels
    title: str

    def __len__(self) -> int:
        return len(self.array)

    def take(self, indices: Indices) -> "ArrayPictures":
        """Return the pictures at ``indices``, copied."""
        return ArrayPictures(self.array[indices], self.title)

    def name(self, index: int) -> str:
        """Return the title and the position in the array."""
        return f"{self.title} image {index}"

    def content(self, index: int) -> bytes:
        """Return the picture's pixels."""
        content: bytes = self.array[index].tobytes()
        return content

    def verify(self, content: bytes) -> None:
        """Do nothing: an array is always complete."""

    def decode(self, content: bytes, size: Size) -> Pixels:
        """Return the pixels, resized to ``size``."""
        pixels = np.frombuffer(content, dtype=np.uint8).reshape(self.array.shape[1:])
        return resize(Image.fromarray(pixels), size)

    def signature(self) -> bytes:
        """Return a digest of all pixels."""
        digest = hashlib.blake2b(repr(self.array.shape).encode(), digest_size=16)
        digest.update(np.ascontiguousarray(self.array).data)
        return digest.digest()

    def originals(self) -> Indices:
        """Return for each picture the position of the first one with the same pixels."""
        return first_alike(self.content(index) for index in range(len(self)))


@dataclass(frozen=True, eq=False)
class FilePictures:
    """Pictures in one file each."""

    paths: Sequence[str]

    def __len__(self) -> int:
        return len(self.paths)

    def take(self, indices: Indices) -> "FilePictures":
        """Return the pictures at ``indices``."""
        return FilePictures([self.paths[index] for index in indices.tolist()])

    def name(self, index: int) -> str:
        """Return the path, as it can be shown."""
        return shown(self.paths[index])

    def content(self, index: int) -> bytes:
        """Return the bytes of the file; OSError for what is no regular file."""
        return read_regular(self.paths[index])

    def verify(self, content: bytes) -> None:
        """Check the header and the end of the file."""
        verify(content)

    def decode(self, content: bytes, size: Size) -> Pixels:
        """Decode the file and resize the picture to ``size``."""
        return decode(content, size)

    def signature(self) -> bytes:
        """Return a digest of all paths, sizes and modification times."""
        digest = hashlib.blake2b(digest_size=16)
        for path in self.paths:
            try:
                status = Path(path).stat()
                stamp: object = (path, status.st_size, status.st_mtime_ns)
            except OSError:  # a missing file is reported when it is read
                stamp = (path, None)
            digest.update(repr(stamp).encode())
        return digest.digest()

    def originals(self) -> Indices:
        """Return for each picture the position of the first one whose file has the same bytes.

        Only files of the same length are read.
        """
        sizes = [_length(path) for path in self.paths]
        often = Counter(sizes)
        return first_alike(
            self._digest(index) if size is not None and often[size] > 1 else index
            for index, size in enumerate(sizes)
        )

    def _digest(self, index: int) -> Hashable:
        try:
            return hashlib.blake2b(self.content(index), digest_size=16).digest()
        except OSError:  # reported when it is read
            return index


def first_alike(contents: Iterable[Hashable]) -> Indices:
    """Return for each of some contents the position of the first equal one, int64."""
    first: dict[Hashable, int] = {}
    return np.array([first.setdefault(one, at) for at, one in enumerate(contents)], np.int64)


def _length(path: str) -> int | None:
    try:
        return Path(path).stat().st_size
    except OSError:
        return None


@dataclass(frozen=True, eq=False)
class LabelledPictures:
    """Pictures of a split with their class numbers: int64, shape (n,)."""

    pictures: Pictures
    labels: Indices

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: Indices) -> "LabelledPictures":
        """Return the pictures and labels at ``indices``."""
        return LabelledPictures(self.pictures.take(indices), self.labels[indices])


@dataclass(frozen=True, eq=False)
class Collection:
    """Pictures that a source finds; splits that are None are cut from ``train`` later.

    Parameters
    ----------
    name
        Its name in messages.
    classes
        Class names; a label is a position in them.
    train, val, test
    image_size
        Default (height, width) in pixels.
    notes
        Lines that a player should read before training.
    """

    name: str
    classes: tuple[str, ...]
    train: LabelledPictures
    val: LabelledPictures | None
    test: LabelledPictures | None
    image_size: Size
    notes: tuple[str, ...] = ()
