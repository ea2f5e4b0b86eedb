"""Turn the pixels of a batch into float images and labels: transform, mix, move to the device."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset, default_collate
from torchvision.transforms import v2

from jupyter_classgame.data.addressed_rng import Draws, seeded
from jupyter_classgame.data.data_loader import BatchCollate
from jupyter_classgame.data.dataset import GameDataset
from jupyter_classgame.data.feed.batch_order import BatchIndices
from jupyter_classgame.data.feed.device_images import to_device
from jupyter_classgame.data.feed.thread_count import limit_threads
from jupyter_classgame.data.vectorised import TransformPipeline, build_pipeline

BATCH_TRANSFORM_STREAM = 2
"""Random stream of the batch transform's draws."""

CPU = torch.device("cpu")


@dataclass(frozen=True)
class BatchBuilder:
    """Builds the batches of one epoch.

    Parameters
    ----------
    dataset
        Its transform and labels are read for every batch.
    device
        Where the batches are wanted.
    seed, epoch
        Part of the address of every random draw.
    channels_last
        Whether images are in torch's ``channels_last`` memory format.
    collate
        Holds the batch transform to apply; None applies none.
    """

    dataset: GameDataset
    device: torch.device
    seed: int
    epoch: int
    channels_last: bool
    collate: BatchCollate | None

    @property
    def pipeline(self) -> TransformPipeline:
        """The dataset's current transform, built anew at every access."""
        return build_pipeline(self.dataset.transform)

    @property
    def transforms_on_cpu(self) -> bool:
        """Whether the player's own code is among the transforms, which needs images on the CPU."""
        return bool(self.pipeline.per_sample) or not self._mixes_anywhere()

    @torch.no_grad()
    def images(self, indices: BatchIndices, pixels: Tensor) -> Tensor:
        """Return the transformed images of a batch.

        They are on the device, or on the CPU if the batch transform needs them there.

        Parameters
        ----------
        indices
            Which images they are.
        pixels
            uint8, shape (batch, 3, height, width).
        """
        with limit_threads(pixels), _full_precision(self.device):
            return self._images(indices, pixels)

    def _images(self, indices: BatchIndices, pixels: Tensor) -> Tensor:
        draws = Draws(self.seed, self.epoch, indices.addresses)
        pipeline = self.pipeline
        device = self.device if self._mixes_anywhere() else CPU
        first, rest = pipeline.split_for_cpu()
        if first.stages:
            batch = first.run(to_device(pixels, CPU).div(255), draws)
            batch = to_device(batch, device) if isinstance(batch, Tensor) else batch
        else:
            batch = to_device(pixels, device).div(255)  # true division: float32 out of uint8
        return to_device(pipeline.checked(rest.run(batch, draws)), device)

    @torch.no_grad()
    def batch(self, indices: BatchIndices, images: Tensor) -> tuple[Tensor, Tensor]:
        """Apply the batch transform, if any, and return (images, labels) on the device."""
        numbers = np.asarray(self.dataset.labels[indices.positions])
        whole = np.issubdtype(numbers.dtype, np.integer)
        labels = torch.from_numpy(numbers.astype(np.int64)) if whole else collated_labels(numbers)
        labels = to_device(labels, images.device)
        if self.collate is not None:
            draws = Draws(self.seed, self.epoch, [indices.number])
            with seeded(draws, BATCH_TRANSFORM_STREAM, images.device):
                images, labels = self.collate.apply_transform(images, labels)
        return self.formatted(to_device(images, self.device)), to_device(labels, self.device)

    def formatted(self, images: Tensor) -> Tensor:
        """Return images in the memory format of this builder."""
        if not self.channels_last:
            return images
        with limit_threads(images):
            return images.contiguous(memory_format=torch.channels_last)

    def _mixes_anywhere(self) -> bool:
        return self.collate is None or mixes_anywhere(self.collate.batch_transform)


class BatchDataset(Dataset[tuple[BatchIndices, Tensor]]):
    """Dataset whose items are the transformed images of whole batches, for loader workers."""

    def __init__(self, builder: BatchBuilder) -> None:
        self.builder = builder

    def __getitem__(self, indices: BatchIndices) -> tuple[BatchIndices, Tensor]:
        pixels = self.builder.dataset.source.images(indices.images)
        return indices, self.builder.images(indices, pixels)


def collated_labels(numbers: Any) -> Tensor:
    """Collate labels that are not integers the way ``default_collate`` does."""
    return default_collate(numbers.tolist())  # type: ignore[no-any-return]


def identity_collate(batch: Any) -> Any:
    """Return an item unchanged: it is a whole batch already."""
    return batch


def _full_precision(device: torch.device) -> AbstractContextManager[Any]:
    """Disable an autocast region around the batches: it is meant for the model."""
    if torch.amp.is_autocast_available(device.type):
        return torch.autocast(device.type, enabled=False)
    return nullcontext()


def mixes_anywhere(batch_transform: Any) -> bool:
    """Whether a batch transform is torchvision's own, which works on any device."""
    if type(batch_transform) in (v2.MixUp, v2.CutMix, v2.Identity, nn.Identity):
        return True
    chains = (v2.Compose, v2.RandomApply, v2.RandomChoice, v2.RandomOrder)
    return type(batch_transform) in chains and all(
        mixes_anywhere(part) for part in batch_transform.transforms
    )
