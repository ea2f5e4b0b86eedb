"""Fast replacement of a game's DataLoader in the training loop: the same batches, built faster."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import torch
from torch import Tensor
from torch.utils.data import DataLoader, SequentialSampler, default_collate

from jupyter_classgame.data.data_loader import BatchCollate
from jupyter_classgame.data.dataset import GameDataset
from jupyter_classgame.data.feed.batch_builder import (
    CPU,
    BatchBuilder,
    BatchDataset,
    identity_collate,
)
from jupyter_classgame.data.feed.batch_cache import BatchCache
from jupyter_classgame.data.feed.batch_order import BatchIndices, batch_indices, game_dataset
from jupyter_classgame.data.feed.device_images import DeviceImages
from jupyter_classgame.data.feed.partition import Partition, Shard
from jupyter_classgame.data.feed.prefetch import prefetch_decoded
from jupyter_classgame.data.images.image_sets import LazyImages, ResidentImages
from jupyter_classgame.data.vectorised import build_pipeline

Batch = tuple[Tensor, Tensor]

DECODERS = 2
"""Least number of threads that decode images on demand; a loader with more workers gets more."""


def fast_loader_for(loader: Any) -> "FastLoader | None":
    """Return a fast loader for a DataLoader, or None if the DataLoader itself must be iterated.

    There is one for a plain DataLoader over a :class:`GameDataset`, or a Subset of one, as
    ``game.loader`` returns it: any sampler or batch sampler, the default collation, with or without
    a batch transform.
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
        return None  # worker_init_fn may change the dataset
    return FastLoader(loader, dataset)


class FastLoader:
    """Yields the batches of a DataLoader, epoch by epoch; see :func:`fast_loader_for`.

    The loader's own batch sampler decides which images are in a batch, and torch's random state
    advances as if the loader were iterated. All other draws are addressed: those of a transform by
    (seed, epoch, image), those of a batch transform by (seed, epoch, batch). The transform, the
    labels and the batch transform are read from the loader and its dataset for every batch.

    Parameters
    ----------
    loader
        The player's.
    dataset
        The loader's, or the one within its Subset.
    """

    def __init__(self, loader: DataLoader[Any], dataset: GameDataset) -> None:
        self.loader = loader
        self.dataset = dataset
        self._device_images: DeviceImages | None = None
        self._cache = BatchCache()

    def __len__(self) -> int:
        return len(self.loader)

    def __repr__(self) -> str:
        return f"FastLoader({self.dataset!r})"

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the player on slow transforms, one line each."""
        names = build_pipeline(self.dataset.transform).per_sample
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
        """Yield the batches of one epoch.

        Parameters
        ----------
        device
            Where they are wanted.
        seed, epoch
            The address of every random draw, together with the number of the image or batch.
        channels_last
            Whether images are in torch's ``channels_last`` memory format; shapes do not change.
        mixing
            Whether the loader's batch transform is applied.

        Yields
        ------
        images : Tensor of float32, shape (batch, channels, height, width)
        labels : Tensor of int64, shape (batch,), or what the batch transform returns

        Raises
        ------
        DataError
            A transform does not return an image, or a picture can no longer be read.
        """
        builder = self._builder(device, seed, epoch, channels_last=channels_last, mixing=mixing)
        for _, batch in self._built(builder, batch_indices(self.loader)):
            yield batch

    def sharded_batches(
        self,
        partition: Partition,
        device: torch.device,
        seed: int,
        epoch: int,
        *,
        channels_last: bool = False,
        mixing: bool = True,
    ) -> Iterator[tuple[Shard, Batch]]:
        """Yield one process's shard of every batch; see :meth:`batches`.

        No other images are decoded or transformed, unless the loader has a batch transform: that
        gets the whole batch, as in one process, and the shard is cut from its result.
        """
        builder = self._builder(device, seed, epoch, channels_last=channels_last, mixing=mixing)
        order = batch_indices(self.loader)
        if builder.collate is None:
            parts = (whole.take_shard(partition) for whole in order)
            for part, batch in self._built(builder, parts):
                yield cast("Shard", part.shard), batch
            return
        for _, (images, labels) in self._built(builder, order):
            shard = partition.shard(len(labels))
            yield shard, (images[shard.first : shard.last], labels[shard.first : shard.last])

    def _builder(
        self, device: torch.device, seed: int, epoch: int, *, channels_last: bool, mixing: bool
    ) -> BatchBuilder:
        collate = self.loader.collate_fn if mixing else None
        collate = collate if isinstance(collate, BatchCollate) else None
        return BatchBuilder(self.dataset, device, seed, epoch, channels_last, collate)

    def _built(
        self, builder: BatchBuilder, order: Iterator[BatchIndices]
    ) -> Iterator[tuple[BatchIndices, Batch]]:
        """Build the batches of an epoch in their order."""
        if builder.pipeline.per_sample and self.loader.num_workers:
            for batch, images in self._from_workers(builder, order):
                yield batch, builder.batch(batch, images)
            return
        for batch, pixels in self._pixels(builder, order):
            yield batch, builder.batch(batch, self._images(builder, batch, pixels))

    def _images(self, builder: BatchBuilder, batch: BatchIndices, pixels: Tensor | None) -> Tensor:
        """Return the transformed images of a batch, from the cache if they are in it."""
        caching = self._caching(builder)
        images = self._cache.get(batch) if caching else None
        if images is not None:
            return images
        if pixels is None:  # the batch was in the cache when its pixels were due
            pixels = self.dataset.source.images(batch.images)
        images = builder.images(batch, pixels)
        return self._cache.put(batch, builder.formatted(images)) if caching else images

    def _caching(self, builder: BatchBuilder) -> bool:
        """Whether batches are cached from epoch to epoch; a stale cache is emptied."""
        if self.dataset.split == "train" or type(self.loader.sampler) is not SequentialSampler:
            return False
        return self._cache.refresh(builder)

    def _pixels(
        self, builder: BatchBuilder, order: Iterator[BatchIndices]
    ) -> Iterator[tuple[BatchIndices, Tensor | None]]:
        """Yield the uint8 pixels of every batch, where its transforms begin; None if cached."""
        source = self.dataset.source

        def needed(batch: BatchIndices) -> bool:
            return not self._caching(builder) or self._cache.get(batch) is None

        if isinstance(source, LazyImages):
            threads = max(DECODERS, self.loader.num_workers)
            yield from prefetch_decoded(source, order, needed, threads)
        elif isinstance(source, ResidentImages) and not builder.transforms_on_cpu:
            if self._device_images is None or self._device_images.device != builder.device:
                self._device_images = DeviceImages(source, builder.device)
            yield from self._device_images.batches(order, needed)
        else:
            for batch in order:
                yield batch, source.images(batch.images) if needed(batch) else None

    def _from_workers(
        self, builder: BatchBuilder, order: Iterator[BatchIndices]
    ) -> Iterator[tuple[BatchIndices, Tensor]]:
        """Yield the transformed images of every batch from as many workers as the loader has."""
        loader = self.loader
        yield from DataLoader(
            BatchDataset(replace(builder, device=CPU)),
            batch_size=None,
            sampler=order,
            num_workers=loader.num_workers,
            collate_fn=identity_collate,
            timeout=loader.timeout,
            prefetch_factor=loader.prefetch_factor,
            multiprocessing_context=loader.multiprocessing_context,
            generator=torch.Generator(),
        )
