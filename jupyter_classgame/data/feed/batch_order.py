"""The order of an epoch: which images are in which batch, as the loader's sampler decides."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.utils.data import DataLoader, Subset

from jupyter_classgame.data.dataset import GameDataset
from jupyter_classgame.data.feed.partition import Partition, Shard
from jupyter_classgame.data.images.source_pictures import Indices
from jupyter_classgame.data.vectorised.batch_kernel import untouched

REPEAT_OFFSET = 2**40
"""Added to an image's address for each earlier use in the epoch, so that its draws differ."""


class BatchIndices(NamedTuple):
    """Positions of the images in one batch.

    Attributes
    ----------
    number
        Number of the batch in the epoch, from 0.
    positions
        Positions in the dataset: int64, shape (batch,).
    images
        Positions in the dataset's source: int64, shape (batch,).
    addresses
        Addresses of the images' random draws: int64, shape (batch,); see
        :class:`~jupyter_classgame.data.addressed_rng.Draws`.
    shard
        Which part of the loader's batch it is; None is all of it.
    """

    number: int
    positions: Indices
    images: Indices
    addresses: Indices
    shard: Shard | None = None

    def take_shard(self, partition: Partition) -> "BatchIndices":
        """Return the part of the batch that one process of the partition gets."""
        shard = partition.shard(len(self.images))
        taken = slice(shard.first, shard.last)
        arrays = (self.positions[taken], self.images[taken], self.addresses[taken])
        return BatchIndices(self.number, *arrays, shard)


def game_dataset(dataset: Any) -> tuple[GameDataset | None, Indices | None]:
    """Unwrap a loader's dataset: return the GameDataset, and the positions that a Subset selects.

    The dataset is None if it is of another class or has replaced methods; the positions are None
    without a Subset.
    """
    if type(dataset) is GameDataset and untouched(dataset):
        return dataset, None
    if type(dataset) is Subset and untouched(dataset):
        inner, within = game_dataset(dataset.dataset)
        places = np.asarray(dataset.indices, dtype=np.int64)
        return inner, places if within is None else within[places]
    return None, None


def batch_indices(loader: DataLoader[Any]) -> Iterator[BatchIndices]:
    """Yield the indices of one epoch's batches.

    Random numbers are taken from torch's global generator or the loader's own, as many and in the
    same order as iterating the loader takes them.

    Raises
    ------
    TypeError
        The loader is not over a GameDataset, or not in batches.
    """
    dataset, within = game_dataset(loader.dataset)
    if dataset is None or loader.batch_sampler is None:
        raise TypeError("the loader is not over a game's dataset in batches")
    sampler = iter(loader.batch_sampler)
    # The loader's iterator draws a base seed for its workers before it takes the first batch.
    torch.empty((), dtype=torch.int64).random_(generator=loader.generator)
    seen = np.zeros(len(dataset.source), dtype=np.int64)
    for number, batch in enumerate(sampler):
        places = np.asarray(batch, dtype=np.int64)
        if within is not None:
            places = within[places]
        images = dataset.indices[places] % len(dataset.source)
        addresses = images + REPEAT_OFFSET * _times_before(images, seen)
        yield BatchIndices(number, places, images, addresses)


def _times_before(images: Indices, seen: Indices) -> Indices:
    """Return how often each image was used earlier in the epoch, and add these uses to ``seen``."""
    before = seen[images]
    distinct, inverse, counts = np.unique(images, return_inverse=True, return_counts=True)
    if len(distinct) < len(images):
        order = np.argsort(inverse, kind="stable")
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        before[order] += np.arange(len(images)) - np.repeat(starts, counts)
    seen[distinct] += counts
    return before
