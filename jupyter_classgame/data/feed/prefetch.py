"""Prefetching of batches in order: decoding in threads, copying one batch ahead."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from jupyter_classgame.data.feed.batch_order import BatchIndices
from jupyter_classgame.data.images.image_sets import LazyImages
from jupyter_classgame.data.images.picture_decoder import Pixels

BATCHES_AHEAD = 3
"""Most batches that are being decoded or wait to be taken."""

CHUNK = 8
"""Images a thread decodes at a time; small, so that all threads share the next batch."""

Item = TypeVar("Item")


def prefetch_decoded(
    source: LazyImages,
    order: Iterable[BatchIndices],
    needed: Callable[[BatchIndices], bool],
    threads: int,
) -> Iterator[tuple[BatchIndices, Tensor | None]]:
    """Decode the images of batches in threads, ahead of the consumer.

    Parameters
    ----------
    source
        The images.
    order
        Advanced in the caller's thread, at most :data:`BATCHES_AHEAD` batches ahead.
    needed
        Whether to decode the images of a batch.
    threads
        Number of decoding threads.

    Yields
    ------
    tuple
        A batch's indices, and its images: uint8, shape (n, 3, height, width), or None.

    Raises
    ------
    DataError
        A picture can no longer be read; raised when its batch is due.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="classgame-decoder")
    waiting: deque[tuple[BatchIndices, Pixels | None, list[Future[None]]]] = deque()
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
        for _ in range(BATCHES_AHEAD):
            begin()
        while waiting:
            batch, pixels, jobs = waiting.popleft()
            for job in jobs:
                job.result()
            begin()
            yield batch, None if pixels is None else torch.from_numpy(pixels)
    finally:
        pool.shutdown(cancel_futures=True)


def prefetch_one(items: Iterable[Item]) -> Iterator[Item]:
    """Yield the items, each taken from the iterable before its predecessor is used."""
    iterator = iter(items)
    for held in iterator:
        for following in iterator:
            yield held
            held = following  # noqa: PLW2901 - the outer loop only starts the inner
        yield held
