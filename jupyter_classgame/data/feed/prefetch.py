"""Work on batches that come next, in threads, in order and not too far ahead."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from jupyter_classgame.data.feed.batch_order import Contents
from jupyter_classgame.data.images.image_sets import LazyImages
from jupyter_classgame.data.images.picture_decoder import Pixels

AHEAD = 3
"""Batches that are decoded or waiting."""

CHUNK = 8
"""Images a thread decodes at a time: a batch that is waited for is shared by all."""

Item = TypeVar("Item")


def decoded_ahead(
    source: LazyImages,
    order: Iterable[Contents],
    needed: Callable[[Contents], bool],
    threads: int,
) -> Iterator[tuple[Contents, Tensor | None]]:
    """Decode the images of batches ahead of whoever takes them.

    Parameters
    ----------
    source : LazyImages
    order : iterable of Contents
        Is advanced in the caller's thread, at most :data:`AHEAD` batches ahead.
    needed : callable
        Whether a batch's images are to be decoded.
    threads : int
        How many decode.

    Yields
    ------
    tuple
        A batch's contents, and its images: uint8, shape (n, 3, height, width), or None.

    Raises
    ------
    DataError
        When a picture can no longer be read, in its turn.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="classgame-decoder")
    waiting: deque[tuple[Contents, Pixels | None, list[Future[None]]]] = deque()
    coming = iter(order)

    def begin() -> None:
        batch = next(coming, None)
        if batch is None:
            return
        if not needed(batch):
            waiting.append((batch, None, []))
            return
        count = len(batch.images)
        pixels = np.empty((count, 3, *source.size), dtype=np.uint8)
        jobs = [
            pool.submit(source.decode_into, pixels, batch.images, first, first + CHUNK)
            for first in range(0, count, CHUNK)
        ]
        waiting.append((batch, pixels, jobs))

    try:
        for _ in range(AHEAD):
            begin()
        while waiting:
            batch, pixels, jobs = waiting.popleft()
            for job in jobs:
                job.result()
            begin()
            yield batch, None if pixels is None else torch.from_numpy(pixels)
    finally:
        pool.shutdown(cancel_futures=True)


def one_ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Take each item before the one in front of it is used."""
    iterator = iter(items)
    for held in iterator:
        for following in iterator:
            yield held
            held = following  # noqa: PLW2901 - the one in hand
        yield held
