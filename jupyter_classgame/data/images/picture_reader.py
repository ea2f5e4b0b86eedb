"""Reading of all pictures when a game starts: decode or check each, in threads."""

import hashlib
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

import numpy as np

from jupyter_classgame import processors
from jupyter_classgame.data.images.broken_image import BrokenImageError
from jupyter_classgame.data.images.picture_decoder import Pixels, Size
from jupyter_classgame.data.images.refused_files import FileList
from jupyter_classgame.data.images.source_pictures import Pictures

Progress = Callable[[int, int], None]

CHUNK = 32
SECONDS_BETWEEN_CALLS = 0.1


@dataclass(eq=False)
class PictureReader:
    """Reads one sequence of pictures and holds the results.

    Attributes
    ----------
    pixels
        The decoded pictures: uint8, shape (n, 3, height, width); None if they are only checked.
    digests
        A digest of every picture as stored.
    broken
        (position, reason) of every picture that cannot be read.
    """

    pictures: Pictures
    pixels: Pixels | None
    digests: list[bytes] = field(init=False)
    broken: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.digests = [b""] * len(self.pictures)

    @property
    def digest(self) -> bytes:
        """Digest of all pictures in their order."""
        return hashlib.blake2b(b"".join(self.digests), digest_size=16).digest()

    def read(self, positions: range, size: Size) -> int:
        """Read the pictures at ``positions`` and return their number."""
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


def read_pictures(
    parts: Sequence[Pictures], size: Size, *, keep: bool, progress: Progress | None = None
) -> list[PictureReader]:
    """Read every picture once, with one thread a core.

    Parameters
    ----------
    parts
        The pictures of each split.
    size
        (height, width) in pixels to decode to.
    keep
        Whether to decode all pictures and keep the pixels, or only check that they can be read.
    progress
        Called as ``progress(done, total)`` from the calling thread, about ten times a second and
        at the end.

    Raises
    ------
    DataError
        Pictures are broken; the message has their number and the first ones with the reasons, and
        names a file that lists all of them.
    """
    readers = [
        PictureReader(part, np.empty((len(part), 3, *size), dtype=np.uint8) if keep else None)
        for part in parts
    ]
    pool = ThreadPoolExecutor(processors.usable(), thread_name_prefix="classgame-images")
    try:
        with warnings.catch_warnings():
            # Corrupt EXIF, odd palettes, large pictures: a player can do nothing about them.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            jobs = [
                pool.submit(reading.read, range(first, min(first + CHUNK, total)), size)
                for reading in readers
                for total in [len(reading.pictures)]
                for first in range(0, total, CHUNK)
            ]
            _follow(jobs, sum(map(len, parts)), progress)
    finally:
        pool.shutdown(cancel_futures=True)  # after an interrupt, waiting jobs are dropped
    _refuse_broken(readers)
    return readers


def _follow(jobs: Sequence["Future[int]"], total: int, progress: Progress | None) -> None:
    done = 0
    last = -SECONDS_BETWEEN_CALLS
    for job in as_completed(jobs):
        done += job.result()
        now = time.monotonic()
        if progress and (done == total or now - last >= SECONDS_BETWEEN_CALLS):
            progress(done, total)
            last = now


def _refuse_broken(readers: Sequence[PictureReader]) -> None:
    broken = [
        (reading.pictures.name(position), why)
        for reading in readers
        for position, why in sorted(reading.broken)
    ]
    if broken:
        count = "1 image" if len(broken) == 1 else f"{len(broken):,} images"
        said = FileList([name for name, _ in broken], [why for _, why in broken])
        raise said.refusal(f"{count} cannot be read: {said}", "mend or delete and start again.")
