"""The one pass over all pictures before the game: decode or check each, in threads."""

import hashlib
import os
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

import numpy as np

from jupyter_classgame.data.images.picture_decoder import BrokenImageError, Pixels, Size
from jupyter_classgame.data.images.source_pictures import Pictures
from jupyter_classgame.errors import DataError

Progress = Callable[[int, int], None]

CHUNK = 32
SHOWN = 3
"""How many broken pictures a refusal names."""

SECONDS_BETWEEN_CALLS = 0.1


@dataclass(eq=False)
class Reading:
    """What the pass makes of one set of pictures.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (n, 3, height, width), or None
        The decoded pictures, if they are kept.
    digests : list of bytes
        A digest of every picture as it is stored.
    broken : list of tuple
        (position, why) of what cannot be read.
    """

    pictures: Pictures
    pixels: Pixels | None
    digests: list[bytes] = field(init=False)
    broken: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.digests = [b""] * len(self.pictures)

    @property
    def digest(self) -> bytes:
        """A digest of all pictures in their order."""
        return hashlib.blake2b(b"".join(self.digests), digest_size=16).digest()

    def read(self, positions: range, size: Size) -> int:
        """Read the pictures at `positions` and return how many they are."""
        for position in positions:
            try:
                content = self.pictures.content(position)
                if self.pixels is None:
                    self.pictures.verify(content)
                else:
                    decoded = self.pictures.decode(content, size)
                    self.pixels[position] = decoded.transpose(2, 0, 1)
                self.digests[position] = hashlib.blake2b(content, digest_size=16).digest()
            except BrokenImageError as error:
                self.broken.append((position, str(error)))
            except OSError as error:
                self.broken.append((position, error.strerror or type(error).__name__))
        return len(positions)


def read_all(
    parts: Sequence[Pictures], size: Size, *, keep: bool, progress: Progress | None = None
) -> list[Reading]:
    """Read every picture once, on at most as many threads as there are cores.

    Parameters
    ----------
    parts : sequence of Pictures
    size : tuple of int
        (height, width) in pixels to decode to.
    keep : bool
        Decode and keep all pixels; else only check that the pictures can be read.
    progress : callable or None
        Called as ``progress(done, total)`` from the calling thread, some ten times a second and
        once at the end.

    Raises
    ------
    DataError
        If pictures are broken: how many, the first ones and why.
    """
    readings = [
        Reading(part, np.empty((len(part), 3, *size), dtype=np.uint8) if keep else None)
        for part in parts
    ]
    pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="classgame-images")
    try:
        with warnings.catch_warnings():
            # Corrupt EXIF, odd palettes, large pictures: nothing a player can act on.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            jobs = [
                pool.submit(reading.read, range(first, min(first + CHUNK, total)), size)
                for reading in readings
                for total in [len(reading.pictures)]
                for first in range(0, total, CHUNK)
            ]
            _follow(jobs, sum(map(len, parts)), progress)
    finally:
        pool.shutdown(cancel_futures=True)  # after an interrupt nothing more is decoded
    _refuse_broken(readings)
    return readings


def _follow(jobs: Sequence["Future[int]"], total: int, progress: Progress | None) -> None:
    done = 0
    last = -SECONDS_BETWEEN_CALLS
    for job in as_completed(jobs):
        done += job.result()
        now = time.monotonic()
        if progress and (done == total or now - last >= SECONDS_BETWEEN_CALLS):
            progress(done, total)
            last = now


def _refuse_broken(readings: Sequence[Reading]) -> None:
    broken = [
        f"{reading.pictures.name(position)} ({why})"
        for reading in readings
        for position, why in sorted(reading.broken)
    ]
    if broken:
        count = "1 image" if len(broken) == 1 else f"{len(broken):,} images"
        more = f" and {len(broken) - SHOWN:,} more" if len(broken) > SHOWN else ""
        raise DataError(
            f"{count} cannot be read: {', '.join(broken[:SHOWN])}{more}; "
            "mend or delete and start again."
        )
