"""What the engine iterates in place of a game's loader: the same batches, made faster."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import torch
from torch import Tensor
from torch.utils.data import DataLoader, SequentialSampler, default_collate

from jupyter_classgame.data.data_loader import BatchCollate
from jupyter_classgame.data.dataset import GameDataset
from jupyter_classgame.data.feed.batch_builder import CPU, Making, WorkersBatches, as_it_is
from jupyter_classgame.data.feed.batch_cache import KeptBatches
from jupyter_classgame.data.feed.batch_order import Contents, contents, game_dataset
from jupyter_classgame.data.feed.device_images import PlacedImages
from jupyter_classgame.data.feed.partition import Share, Split
from jupyter_classgame.data.feed.prefetch import decoded_ahead
from jupyter_classgame.data.images.image_sets import LazyImages, ResidentImages
from jupyter_classgame.data.vectorised import batched

Batch = tuple[Tensor, Tensor]

DECODERS = 2
"""Threads that decode images which are not kept in memory; more if the loader has more workers."""


def feed_for(loader: Any) -> "Feed | None":
    """Return a feed that gives a loader's batches faster, None where the loader must be iterated.

    A feed exists for a plain DataLoader over a :class:`GameDataset`, or a Subset of one, in batches
    as ``game.loader`` makes them: any sampler or batch sampler, the default collation, with a batch
    transform or without.

    Parameters
    ----------
    loader : Any
    """
    if type(loader) is not DataLoader or loader.batch_sampler is None:
        return None
    dataset, _ = game_dataset(loader.dataset)
    collate = loader.collate_fn
    if type(collate) is BatchCollate:
        collate = collate.collate
    if dataset is None or collate is not default_collate:
        return None
    if loader.worker_init_fn is not None and loader.num_workers:
        return None  # it may do anything to the dataset
    return Feed(loader, dataset)


class Feed:
    """The batches of a loader, epoch by epoch; made by :func:`feed_for`.

    Which images are in a batch comes from the loader's own batch sampler, and takes from torch's
    random state what iterating the loader takes. All else is addressed: what a transform draws by
    (seed, epoch, image), what a batch transform draws by (seed, epoch, batch). The transform, the
    labels and the batch transform are read from the loader and its dataset for every batch.

    Parameters
    ----------
    loader : DataLoader
    dataset : GameDataset
        The loader's, or that within its Subset.
    """

    def __init__(self, loader: DataLoader[Any], dataset: GameDataset) -> None:
        self.loader = loader
        self.dataset = dataset
        self._placed: PlacedImages | None = None
        self._kept = KeptBatches()

    def __len__(self) -> int:
        return len(self.loader)

    def __repr__(self) -> str:
        return f"Feed({self.dataset!r})"

    @property
    def notes(self) -> tuple[str, ...]:
        """What a player should know of this feed's speed, one line each."""
        names = batched(self.dataset.transform).per_sample
        if not names:
            return ()
        which = ", ".join("a lambda" if name.endswith("<lambda>") else name for name in names)
        note = f"{self.dataset.split} images go one by one through {which}, which is slower than "
        return (note + "torchvision's own transforms on whole batches",)

    def batches(
        self,
        device: torch.device,
        seed: int,
        epoch: int,
        *,
        channels_last: bool = False,
        mixing: bool = True,
    ) -> Iterator[Batch]:
        """Give the batches of one epoch.

        Parameters
        ----------
        device : torch.device
            Where they are wanted.
        seed, epoch : int
            The address of all that is drawn, with the number of the image or of the batch.
        channels_last : bool
            The memory format of the images; their shape is the same.
        mixing : bool
            Whether the loader's batch transform is applied.

        Yields
        ------
        images : Tensor of float32, shape (batch, channels, height, width)
        labels : Tensor of int64, shape (batch,), or what the batch transform makes

        Raises
        ------
        DataError
            If a transform returns no image, or a picture can no longer be read.
        """
        making = self._making(device, seed, epoch, channels_last=channels_last, mixing=mixing)
        for _, batch in self._made(making, contents(self.loader)):
            yield batch

    def shares(
        self,
        split: Split,
        device: torch.device,
        seed: int,
        epoch: int,
        *,
        channels_last: bool = False,
        mixing: bool = True,
    ) -> Iterator[tuple[Share, Batch]]:
        """Give one process's share of every batch; see :meth:`batches`.

        No other images are decoded or transformed, unless the loader has a batch transform: that
        is given the whole batch, as in one process, and the share is taken of what it returns.
        """
        making = self._making(device, seed, epoch, channels_last=channels_last, mixing=mixing)
        order = contents(self.loader)
        if making.collate is None:
            for part, batch in self._made(making, (whole.part(split) for whole in order)):
                yield cast("Share", part.share), batch
            return
        for _, (images, labels) in self._made(making, order):
            share = split.share(len(labels))
            yield share, (images[share.first : share.last], labels[share.first : share.last])

    def _making(
        self, device: torch.device, seed: int, epoch: int, *, channels_last: bool, mixing: bool
    ) -> Making:
        collate = self.loader.collate_fn if mixing else None
        collate = collate if isinstance(collate, BatchCollate) else None
        return Making(self.dataset, device, seed, epoch, channels_last, collate)

    def _made(self, making: Making, order: Iterator[Contents]) -> Iterator[tuple[Contents, Batch]]:
        """Make the batches of an order."""
        if making.pipeline.per_sample and self.loader.num_workers:
            for batch, images in self._from_workers(making, order):
                yield batch, making.batch(batch, images)
            return
        for batch, pixels in self._pixels(making, order):
            yield batch, making.batch(batch, self._images(making, batch, pixels))

    def _images(self, making: Making, batch: Contents, pixels: Tensor | None) -> Tensor:
        """Return the transformed images of a batch, as they were kept or made now."""
        keeping = self._keeping(making)
        images = self._kept.recall(batch) if keeping else None
        if images is not None:
            return images
        if pixels is None:  # it was kept when pixels were asked for
            pixels = self.dataset.source.images(batch.images)
        images = making.images(batch, pixels)
        return self._kept.keep(batch, making.formatted(images)) if keeping else images

    def _keeping(self, making: Making) -> bool:
        """Whether batches are kept from epoch to epoch; what has become stale is forgotten."""
        if self.dataset.split == "train" or type(self.loader.sampler) is not SequentialSampler:
            return False
        return self._kept.refresh(making)

    def _pixels(
        self, making: Making, order: Iterator[Contents]
    ) -> Iterator[tuple[Contents, Tensor | None]]:
        """Give batches of uint8 images, where they are needed first; None for what is kept."""
        source = self.dataset.source

        def needed(batch: Contents) -> bool:
            return not self._keeping(making) or self._kept.recall(batch) is None

        if isinstance(source, LazyImages):
            threads = max(DECODERS, self.loader.num_workers)
            yield from decoded_ahead(source, order, needed, threads)
        elif isinstance(source, ResidentImages) and not making.here:
            if self._placed is None or self._placed.device != making.device:
                self._placed = PlacedImages(source, making.device)
            yield from self._placed.batches(order, needed)
        else:
            for batch in order:
                yield batch, source.images(batch.images) if needed(batch) else None

    def _from_workers(
        self, making: Making, order: Iterator[Contents]
    ) -> Iterator[tuple[Contents, Tensor]]:
        """Give transformed images that the loader's number of workers make."""
        loader = self.loader
        yield from DataLoader(
            WorkersBatches(replace(making, device=CPU)),
            batch_size=None,
            sampler=order,
            num_workers=loader.num_workers,
            collate_fn=as_it_is,
            timeout=loader.timeout,
            prefetch_factor=loader.prefetch_factor,
            multiprocessing_context=loader.multiprocessing_context,
            generator=torch.Generator(),
        )
