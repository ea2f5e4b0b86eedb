"""Identify images by their content: bytes, files, thumbnails."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from jupyter_classgame.data.images.broken_image import BrokenImageError
from jupyter_classgame.data.images.picture_decoder import decode
from jupyter_classgame.data.images.regular_file import read_regular
from jupyter_classgame.referee.isolation.time_budget import TimeBudget

Key = tuple[Any, ...]
"""Where an image is stored: the kind of store, its id, and the index or path in it."""

SECONDS = 1.5
SAMPLE = 200
NEAR = 0.02
FLAT = 0.02
MOST_BYTES = 1 << 29


class ImageIdentifier:
    """Identifies images by their content.

    Parameters
    ----------
    homes
        By id: the sources, arrays and lists in which images are stored.
    size
        (height, width) of the game's images, to which files are decoded.
    """

    def __init__(self, homes: dict[int, Any], size: tuple[int, int] = (64, 64)) -> None:
        self.homes = homes
        self.size = size
        self.files: dict[str, Any] = {}

    def name(self, key: Key) -> Any:
        """Return a value that is equal for equal images; the key where that would be slow."""
        kind, home, index = key
        if kind == "file":
            return self._file(index)
        if kind == "row":
            array = self.homes[home]
            if isinstance(array, (np.ndarray, torch.Tensor)) and array.nbytes <= MOST_BYTES:
                row = array[index]
                row = (
                    row.detach().cpu().contiguous().numpy()
                    if isinstance(row, torch.Tensor)
                    else row
                )
                return ("bytes", row.shape, hash(np.ascontiguousarray(row).tobytes()))
        return key

    def _file(self, path: str) -> Any:
        if path not in self.files:
            try:
                data = read_regular(path)
                self.files[path] = ("file", hashlib.blake2b(data, digest_size=12).digest())
            except OSError:
                self.files[path] = ("path", path)
        return self.files[path]

    def thumbnail(self, key: Key) -> torch.Tensor | None:
        """Return an image scaled to 8 x 8 and standardised, (3, 8, 8).

        None for one that cannot be read, or that has no contrast.
        """
        return _thumbnail(self._stored(key))

    def image(self, key: Key) -> torch.Tensor | None:
        """Return an image as it is stored, float (channels, height, width); None for none."""
        return _channels_first(self._stored(key))

    def _stored(self, key: Key) -> Any:
        kind, home, index = key
        if kind == "source":
            return self.homes[home].image(index)
        if kind in ("row", "item"):
            image = self.homes[home][index]
            return image[0] if isinstance(image, (tuple, list)) else image
        if kind == "file":
            try:
                return decode(read_regular(index), self.size)
            except (OSError, BrokenImageError):
                return None
        return None


def _channels_first(image: Any) -> torch.Tensor | None:
    if hasattr(image, "convert"):
        image = np.asarray(image.convert("RGB"))
    if isinstance(image, np.ndarray):
        image = torch.from_numpy(np.array(image))
    if not isinstance(image, torch.Tensor) or image.ndim not in (2, 3):
        return None
    values = image.detach().cpu().float()
    values = values[None] if values.ndim == 2 else values
    if values.shape[-1] in (1, 3, 4) and values.shape[0] not in (1, 3):
        values = values.permute(2, 0, 1)
    return values[:3]


def _thumbnail(image: Any) -> torch.Tensor | None:
    values = _channels_first(image)
    if values is None:
        return None
    if values.shape[0] == 1:
        values = values.expand(3, -1, -1)
    small = functional.adaptive_avg_pool2d(values, 8)
    # Normalising an image changes only its mean and its spread: compare it without them.
    spread = float(small.std())
    return (
        (small - small.mean()) / spread / 5
        if spread > FLAT * max(float(values.max()), 1e-9)
        else None
    )


def alike(
    identifier: ImageIdentifier,
    some: Sequence[Key],
    others: Sequence[Key],
    seconds: float = SECONDS,
) -> tuple[list[Key], int]:
    """Find the images of a sample that occur among others, mirrored or not.

    Parameters
    ----------
    identifier
        Knows where the images are stored.
    some
        The images to draw the sample from.
    others
        The images to find them among.
    seconds
        How long to look at these.

    Returns
    -------
    tuple
        Those of the sample that were found, and how large it is.
    """
    step = -(-len(some) // SAMPLE) or 1
    sample = _thumbnails(identifier.thumbnail, some[::step], SECONDS / 2)
    pool = _thumbnails(identifier.thumbnail, others, seconds)
    if not sample or not pool:
        return [], 0
    wanted, candidates = torch.stack(list(sample.values())), torch.stack(list(pool.values()))
    hit = torch.zeros(len(wanted), dtype=torch.bool)
    for turned in (wanted, wanted.flip(-1)):
        for start in range(0, len(candidates), 4096):
            distance = torch.cdist(
                turned.flatten(1), candidates[start : start + 4096].flatten(1), p=float("inf")
            )
            hit |= (distance < NEAR).any(1)
    return [key for key, found in zip(sample, hit.tolist(), strict=True) if found], len(sample)


def _thumbnails(
    make: Callable[[Key], torch.Tensor | None], keys: Sequence[Key], seconds: float
) -> dict[Key, torch.Tensor]:
    budget = TimeBudget(seconds)
    made = {}
    for key in keys:
        thumbnail = make(key)
        if thumbnail is not None:
            made[key] = thumbnail
        if budget.over:
            break
    return made
