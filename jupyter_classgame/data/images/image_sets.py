"""Images at the game's size: resident in memory, or decoded on demand."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import get_worker_info

from jupyter_classgame import processors
from jupyter_classgame.data.images.broken_image import BrokenImageError
from jupyter_classgame.data.images.picture_decoder import Pixels, Size
from jupyter_classgame.data.images.source_pictures import Indices, Pictures
from jupyter_classgame.errors import DataError


class ImageSource(Protocol):
    """Sequence of labelled images of one size."""

    @property
    def labels(self) -> Indices:
        """Class numbers: int64, shape (n,)."""
        ...

    def __len__(self) -> int: ...

    def image(self, index: int) -> Tensor:
        """Return image ``index``: uint8, shape (3, height, width), read-only."""
        ...

    def images(self, indices: Sequence[int] | Indices | Tensor) -> Tensor:
        """Return images in the order of ``indices``: uint8, shape (n, 3, height, width)."""
        ...


class ResidentImages:
    """Images decoded once and held in memory.

    Parameters
    ----------
    pixels
        The images: uint8, shape (n, 3, height, width).
    labels
        Class numbers: int64, shape (n,).
    """

    def __init__(self, pixels: Tensor, labels: Indices) -> None:
        self.pixels = pixels
        self.labels = labels

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"ResidentImages({len(self):,} images, {self.pixels.nbytes / 1e6:,.1f} MB)"

    def image(self, index: int) -> Tensor:
        """Return image ``index``: uint8, shape (3, height, width), a view of ``pixels``."""
        return self.pixels[index]

    def images(self, indices: Sequence[int] | Indices | Tensor) -> Tensor:
        """Return copies in the order of ``indices``: uint8, shape (n, 3, height, width)."""
        # NumPy gathers on one core; torch would wait for all of them.
        return torch.from_numpy(self.pixels.numpy()[np.asarray(indices, dtype=np.int64)])


class LazyImages:
    """Images decoded at every access; a batch on several threads.

    Parameters
    ----------
    pictures
        The pictures as stored.
    labels
        Class numbers: int64, shape (n,).
    size
        (height, width) in pixels.
    """

    def __init__(self, pictures: Pictures, labels: Indices, size: Size) -> None:
        self.pictures = pictures
        self.labels = labels
        self.size = size

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"LazyImages({len(self):,} images, decoded as needed)"

    def image(self, index: int) -> Tensor:
        """Return image ``index``: uint8, shape (3, height, width).

        Raises
        ------
        DataError
            The picture can no longer be read.
        """
        return torch.from_numpy(self._pixels(index).copy())

    def images(self, indices: Sequence[int] | Indices | Tensor) -> Tensor:
        """Return images in the order of ``indices``: uint8, shape (n, 3, height, width).

        Raises
        ------
        DataError
            A picture can no longer be read.
        """
        wanted = torch.as_tensor(indices, dtype=torch.int64).tolist()
        # Loader workers are several processes already, and a thread pool does not survive a fork.
        threads = 1 if get_worker_info() else min(processors.usable(), len(wanted))
        batch = np.empty((len(wanted), 3, *self.size), dtype=np.uint8)
        if threads > 1:
            with ThreadPoolExecutor(threads) as pool:
                for position, pixels in enumerate(pool.map(self._pixels, wanted)):
                    batch[position] = pixels
        else:
            for position, index in enumerate(wanted):
                batch[position] = self._pixels(index)
        return torch.from_numpy(batch)

    def decode_into(self, batch: Pixels, indices: Indices, first: int, last: int) -> None:
        """Decode the images at ``indices[first:last]`` into their places in ``batch``.

        Raises
        ------
        DataError
            A picture can no longer be read.
        """
        for position, index in enumerate(indices[first:last].tolist(), first):
            batch[position] = self._pixels(index)

    def _pixels(self, index: int) -> Pixels:
        try:
            content = self.pictures.content(index)
            return self.pictures.decode(content, self.size).transpose(2, 0, 1)
        except (BrokenImageError, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise DataError(
                f"1 image cannot be read: {self.pictures.name(index)} ({why})",
                "mend or delete it and start the game again.",
            ) from error


@dataclass(frozen=True, eq=False)
class ImageSets:
    """All images of a game.

    Attributes
    ----------
    classes
        Class names; a label is a position in them.
    image_size
        (height, width) in pixels.
    train, val, test
        The splits; ``test`` is hidden from players.
    fingerprint
        Hex digest of the images as stored, their classes and their split; the same for a copy of
        the data elsewhere and for any image size.
    notes
        Lines that a player should read before training.
    """

    classes: tuple[str, ...]
    image_size: Size
    train: ImageSource
    val: ImageSource
    test: ImageSource
    fingerprint: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        height, width = self.image_size
        return (
            f"ImageSets({len(self.train):,} train, {len(self.val):,} val, {len(self.test):,} test "
            f"images of {height}x{width}, {len(self.classes)} classes)"
        )
