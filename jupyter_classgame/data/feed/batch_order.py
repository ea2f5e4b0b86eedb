"""Which images are in which batch of an epoch, as iterating the loader would have it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.utils.data import DataLoader, Subset

from jupyter_classgame.data.dataset import GameDataset
from jupyter_classgame.data.feed.partition import Share, Split
from jupyter_classgame.data.images.source_pictures import Indices
from jupyter_classgame.data.vectorised.kernel import untouched

AGAIN = 2**40
"""Added to the number of an image for each time that it was in the epoch, to draw anew for it."""


class Contents(NamedTuple):
    """What one batch is made of.

    Attributes
    ----------
    number : int
        Batches before it in the epoch.
    places : ndarray of int64
        Positions in the dataset.
    images : ndarray of int64
        Positions in the dataset's source.
    addresses : ndarray of int64
        What tells the images of an epoch apart for :class:`~.address.Draws`.
    share : Share or None
        Which part of the loader's batch it is; None is all of it.
    """

    number: int
    places: Indices
    images: Indices
    addresses: Indices
    share: Share | None = None

    def part(self, split: Split) -> "Contents":
        """Give one process's share of the batch."""
        share = split.share(len(self.images))
        taken = slice(share.first, share.last)
        arrays = (self.places[taken], self.images[taken], self.addresses[taken])
        return Contents(self.number, *arrays, share)


def game_dataset(dataset: Any) -> tuple[GameDataset | None, Indices | None]:
    """Return the game's dataset in a loader's, and the positions in it that a Subset takes.

    None, where the dataset is another or its methods were replaced.
    """
    if type(dataset) is GameDataset and untouched(dataset):
        return dataset, None
    if type(dataset) is Subset and untouched(dataset):
        inner, within = game_dataset(dataset.dataset)
        places = np.asarray(dataset.indices, dtype=np.int64)
        return inner, places if within is None else within[places]
    return None, None


def contents(loader: DataLoader[Any]) -> Iterator[Contents]:
    """Give the contents of one epoch's batches.

    It draws what iterating the loader draws from torch's random state, or from the loader's
    generator, in the same order.
    """
    dataset, within = game_dataset(loader.dataset)
    if dataset is None or loader.batch_sampler is None:
        raise TypeError("the loader is not over a game's dataset in batches")
    sampler = iter(loader.batch_sampler)
    # The loader's iterator draws a seed for its workers before it asks for the first batch.
    torch.empty((), dtype=torch.int64).random_(generator=loader.generator)
    seen = np.zeros(len(dataset.source), dtype=np.int64)
    for number, batch in enumerate(sampler):
        places = np.asarray(batch, dtype=np.int64)
        if within is not None:
            places = within[places]
        images = dataset.indices[places] % len(dataset.source)
        yield Contents(number, places, images, images + AGAIN * _times_before(images, seen))


def _times_before(images: Indices, seen: Indices) -> Indices:
    """Return how often each image was in the epoch before, and count these."""
    before = seen[images]
    distinct, inverse, counts = np.unique(images, return_inverse=True, return_counts=True)
    if len(distinct) < len(images):
        order = np.argsort(inverse, kind="stable")
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        before[order] += np.arange(len(images)) - np.repeat(starts, counts)
    seen[distinct] += counts
    return before
