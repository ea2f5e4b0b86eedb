"""From the pixels of a batch to what the engine gets: floats, transformed, mixed, in place."""

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
from jupyter_classgame.data.feed.batch_order import Contents
from jupyter_classgame.data.feed.device_images import moved
from jupyter_classgame.data.feed.thread_count import fitting_threads
from jupyter_classgame.data.vectorised import Pipeline, batched

MIXING = 2
"""The stream of what a batch transform draws."""

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Making:
    """How the batches of one epoch are made.

    Parameters
    ----------
    dataset : GameDataset
        Its transform and labels are read for every batch.
    device : torch.device
    seed, epoch : int
    channels_last : bool
    collate : BatchCollate or None
        Holds the batch transform to apply.
    """

    dataset: GameDataset
    device: torch.device
    seed: int
    epoch: int
    channels_last: bool
    collate: BatchCollate | None

    @property
    def pipeline(self) -> Pipeline:
        """The dataset's transform as it is now."""
        return batched(self.dataset.transform)

    @property
    def here(self) -> bool:
        """Whether code of a player's own needs the images on the CPU first."""
        return bool(self.pipeline.per_sample) or not self._mixes_anywhere()

    @torch.no_grad()
    def images(self, contents: Contents, pixels: Tensor) -> Tensor:
        """Return the transformed images of a batch, on the device unless they are mixed here.

        Parameters
        ----------
        contents : Contents
        pixels : Tensor of uint8, shape (batch, 3, height, width)
        """
        with fitting_threads(pixels), _full_precision(self.device):
            return self._images(contents, pixels)

    def _images(self, contents: Contents, pixels: Tensor) -> Tensor:
        draws = Draws(self.seed, self.epoch, contents.addresses)
        pipeline = self.pipeline
        device = self.device if self._mixes_anywhere() else CPU
        first, rest = pipeline.parted()
        if first.stages:
            batch = first.run(moved(pixels, CPU).div(255), draws)
            batch = moved(batch, device) if isinstance(batch, Tensor) else batch
        else:
            batch = moved(pixels, device).div(255)  # true division: float32 out of uint8
        return moved(pipeline.checked(rest.run(batch, draws)), device)

    @torch.no_grad()
    def batch(self, contents: Contents, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return a batch of transformed images with its labels, mixed if need be, in place."""
        numbers = np.asarray(self.dataset.labels[contents.places])
        whole = np.issubdtype(numbers.dtype, np.integer)
        labels = torch.from_numpy(numbers.astype(np.int64)) if whole else as_collated(numbers)
        labels = moved(labels, images.device)
        if self.collate is not None:
            draws = Draws(self.seed, self.epoch, [contents.number])
            with seeded(draws, MIXING, images.device):
                images, labels = self.collate.mixed(images, labels)
        return self.formatted(moved(images, self.device)), moved(labels, self.device)

    def formatted(self, images: Tensor) -> Tensor:
        """Return images in the memory format that is wanted."""
        if not self.channels_last:
            return images
        with fitting_threads(images):
            return images.contiguous(memory_format=torch.channels_last)

    def _mixes_anywhere(self) -> bool:
        return self.collate is None or mixes_anywhere(self.collate.batch_transform)


class WorkersBatches(Dataset[tuple[Contents, Tensor]]):
    """Transformed images of whole batches, for a loader whose workers make them."""

    def __init__(self, making: Making) -> None:
        self.making = making

    def __getitem__(self, contents: Contents) -> tuple[Contents, Tensor]:
        pixels = self.making.dataset.source.images(contents.images)
        return contents, self.making.images(contents, pixels)


def as_collated(numbers: Any) -> Tensor:
    """Return labels that a player made other than whole numbers, as the loader would."""
    return default_collate(numbers.tolist())  # type: ignore[no-any-return]


def as_it_is(batch: Any) -> Any:
    """Return what workers made: it is a batch already."""
    return batch


def _full_precision(device: torch.device) -> AbstractContextManager[Any]:
    """Leave an autocast that the batches are taken in: it is meant for the model."""
    if torch.amp.is_autocast_available(device.type):
        return torch.autocast(device.type, enabled=False)
    return nullcontext()


def mixes_anywhere(batch_transform: Any) -> bool:
    """Whether a batch transform is torchvision's own, which take batches on any device."""
    if type(batch_transform) in (v2.MixUp, v2.CutMix, v2.Identity, nn.Identity):
        return True
    chains = (v2.Compose, v2.RandomApply, v2.RandomChoice, v2.RandomOrder)
    return type(batch_transform) in chains and all(
        mixes_anywhere(part) for part in batch_transform.transforms
    )
