"""Batches of any loader, fetched in this process, at chosen indices where that is possible."""

import itertools
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, SequentialSampler
from torch.utils.data._utils.fetch import _MapDatasetFetcher

from jupyter_classgame.referee.isolation.time_budget import TimeBudget

MOST_INDICES = 2_000_000
INDEX_SECONDS = 2.0
NO_DATASETS = (
    str, bytes, Mapping, torch.Tensor, torch.Size, np.ndarray, list, tuple, range, deque, type,
    torch.nn.Module,
)  # fmt: skip


class ImageFetcher:
    """Fetches batches of a loader in this process.

    Parameters
    ----------
    loader
        A DataLoader, or any iterable of batches.

    Attributes
    ----------
    by_index
        Images can be fetched by index: the loader is a DataLoader of a map-style dataset.
    one_shot
        The loader is an iterator and can be read only once.
    batched
        The loader collates several items into a batch.
    """

    def __init__(self, loader: Any) -> None:
        self.loader = loader
        self.dataset: Any = getattr(loader, "dataset", None)
        self.is_dataloader = isinstance(loader, DataLoader)
        self.by_index = self.is_dataloader and not isinstance(self.dataset, IterableDataset)
        self.one_shot = isinstance(loader, Iterator)
        if self.is_dataloader:
            self.collate: Any = loader.collate_fn
            self.batched = loader.batch_sampler is not None
        else:
            self.collate, self.batched = None, True

    def indices(self) -> tuple[list[int] | None, bool]:
        """Return the indices of one epoch in the sampler's order, and whether they are complete.

        None where the loader has no sampler. Draws from the sampler's random generator.
        """
        if not self.by_index:
            return None, False
        sampler = self.loader.batch_sampler if self.batched else self.loader.sampler
        found: list[int] = []
        budget = TimeBudget(INDEX_SECONDS)
        for entry in sampler:
            found.extend(entry if self.batched else (entry,))
            if len(found) >= MOST_INDICES or budget.over:
                return found, False
        return found, True

    def shuffles(self) -> bool | None:
        """Return whether the order of the images changes; None where there is no sampler."""
        if not self.by_index:
            return None
        if type(getattr(self.loader, "sampler", None)) is not SequentialSampler:
            first = list(itertools.islice(self._flat(), 64))
            second = list(itertools.islice(self._flat(), 64))
            return first != second or first != sorted(first)
        batches = getattr(self.loader, "batch_sampler", None)
        if batches is None or type(batches) is torch.utils.data.BatchSampler:
            return False
        first = list(itertools.islice(self._flat(), 64))
        return first != sorted(first) or first != list(itertools.islice(self._flat(), 64))

    def _flat(self) -> Iterator[int]:
        sampler = self.loader.batch_sampler if self.batched else self.loader.sampler
        for entry in sampler:
            yield from entry if self.batched else (entry,)

    def fetch(self, indices: Sequence[int]) -> Any:
        """Return the collated batch of the images at `indices`."""
        if self.batched:
            return _MapDatasetFetcher(self.dataset, True, self.collate, False).fetch(list(indices))  # type: ignore[no-untyped-call]
        return self.collate(self.dataset[indices[0]])

    def next_batch(self) -> Any:
        """Return the first batch of a new pass, fetched in this process."""
        return next(self.batches())

    def batches(self) -> Iterator[Any]:
        """Return an iterator over a new pass, without worker processes."""
        if self.is_dataloader:
            for name, value in (
                ("num_workers", 0),
                ("timeout", 0),
                ("prefetch_factor", None),
                ("pin_memory", False),
                ("multiprocessing_context", None),
                ("_iterator", None),
            ):
                if getattr(self.loader, name, value) != value:
                    object.__setattr__(
                        self.loader, name if name[0] == "_" else _private(name), value
                    )
            object.__setattr__(self.loader, "persistent_workers", False)
        return iter(self.loader)


def _private(name: str) -> str:
    return f"_DataLoader__{name}" if name == "multiprocessing_context" else name


def split(batch: Any) -> tuple[Any, Any]:
    """Return the images and the targets of a batch: those of a dict by name, else the first two.

    The targets are None where the batch has none.
    """
    if isinstance(batch, dict):
        values = list(batch.values())
        images = next(
            (batch[k] for k in ("image", "images", "x", "pixel_values") if k in batch), None
        )
        targets = next(
            (batch[k] for k in ("label", "labels", "y", "target", "targets") if k in batch), None
        )
        return (
            images if images is not None else values[0],
            targets if targets is not None else (values[1] if len(values) > 1 else None),
        )
    if isinstance(batch, (tuple, list)):
        return batch[0], batch[1] if len(batch) > 1 else None
    return batch, None


def as_targets(targets: Any) -> torch.Tensor:
    """Return a batch's targets as a tensor.

    Raises
    ------
    TypeError
        They are not numbers.
    """
    try:
        return torch.as_tensor(targets)
    except (TypeError, ValueError, RuntimeError) as error:
        one = targets[0] if isinstance(targets, (list, tuple)) and targets else targets
        raise TypeError(
            f"a batch's targets are {type(one).__name__}, not numbers; give each class a number "
            f"from 0 up: classes.index(name)"
        ) from error


def as_array(images: Any) -> np.ndarray:
    """Return a batch of images as float32 of shape (n, channels, height, width).

    Raises
    ------
    TypeError
        They are not an array of images.
    """
    if isinstance(images, torch.Tensor):
        array = images.detach().to("cpu", torch.float32).numpy()
    elif isinstance(images, np.ndarray):
        array = images.astype(np.float32)
    elif isinstance(images, (list, tuple)) and images and hasattr(images[0], "shape"):
        array = np.stack([np.asarray(image, dtype=np.float32) for image in images])
    else:
        raise TypeError(f"the batch's images are {type(images).__name__}, not a tensor")
    if array.ndim == 3:
        array = array[:, None] if array.shape[0] not in (1, 3) else array[None]
    if array.ndim == 2:
        array = _unflattened(array)
    if array.ndim != 4:
        raise TypeError(f"the batch's images are of shape {array.shape}")
    if array.shape[-1] in (1, 3, 4) and array.shape[1] not in (1, 3):
        array = array.transpose(0, 3, 1, 2)
    return array


def _unflattened(array: np.ndarray) -> np.ndarray:
    for channels in (1, 3):
        side = round((array.shape[1] / channels) ** 0.5)
        if side * side * channels == array.shape[1]:
            return array.reshape(len(array), channels, side, side)
    raise TypeError(f"the batch's images are of shape {array.shape}")


def sized(dataset: Any) -> int | None:
    """Return a dataset's length, or None where it has none."""
    try:
        return len(dataset)
    except (TypeError, NotImplementedError, AttributeError):
        return None


def is_dataset(value: Any) -> bool:
    """Return whether `value` is a map-style dataset."""
    return isinstance(value, Dataset) or (
        hasattr(type(value), "__getitem__")
        and hasattr(type(value), "__len__")
        and not isinstance(value, NO_DATASETS)
    )
