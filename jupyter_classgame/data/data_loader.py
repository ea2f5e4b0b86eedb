"""An ordinary DataLoader over a dataset, with room for transforms of whole batches."""

from collections.abc import Callable
from numbers import Integral
from typing import Any

from torch import Tensor
from torch.utils.data import DataLoader, Dataset, default_collate

from jupyter_classgame.data.dataset import made_first
from jupyter_classgame.errors import DataError

Batch = tuple[Tensor, Tensor]
BatchTransform = Callable[[Tensor, Tensor], Batch]


class BatchCollate:
    """Collate samples, then hand the whole batch to a transform such as Mixup.

    Parameters
    ----------
    batch_transform : callable
        ``batch_transform(images, labels)`` returns ``(images, labels)``; `images` are of shape
        (batch, channels, height, width), `labels` int64 of shape (batch,).
    collate : callable
        Makes ``(images, labels)`` of a list of samples.
    """

    def __init__(
        self, batch_transform: BatchTransform, collate: Callable[[Any], Any] = default_collate
    ) -> None:
        self.batch_transform = batch_transform
        self.collate = collate

    def __call__(self, samples: Any) -> Batch:
        """Return the transformed batch of `samples`."""
        return self.mixed(*self.collate(samples))

    def mixed(self, images: Tensor, labels: Tensor) -> Batch:
        """Return what the transform makes of a batch."""
        result: Any = self.batch_transform(images, labels)
        match result:
            case (Tensor() as images, Tensor() as labels):
                return images, labels
        name = getattr(self.batch_transform, "__qualname__", type(self.batch_transform).__name__)
        raise DataError(
            f"batch_transform {name} returned {type(result).__name__}; "
            "it must return two tensors: images, labels."
        )


def make_loader(
    dataset: Dataset[Any],
    *,
    batch_size: int = 64,
    shuffle: bool | None = None,
    batch_transform: BatchTransform | None = None,
    **options: Any,
) -> DataLoader[Any]:
    """Return a DataLoader over `dataset`.

    Parameters
    ----------
    dataset : Dataset
    batch_size : int
        Images in a batch, at least 1. A `batch_sampler` among the options stands instead of it.
    shuffle : bool or None
        New order every epoch; None shuffles the training split unless the options hold a sampler.
    batch_transform : callable or None
        ``batch_transform(images, labels)`` returns ``(images, labels)``, for every batch.
    **options
        Anything else that `torch.utils.data.DataLoader` takes.

    Raises
    ------
    DataError
        If an option is wrong; one line says which.
    """
    sampled = any(options.get(name) is not None for name in ("sampler", "batch_sampler"))
    if shuffle is None:
        shuffle = not sampled and getattr(dataset, "split", "") == "train"
    if options.get("batch_sampler") is None:
        options["batch_size"] = _checked_batch_size(batch_size)
    if isinstance(batch_transform, type):
        raise DataError(made_first("batch_transform", batch_transform))
    if batch_transform is not None:
        if not callable(batch_transform):
            raise DataError(
                "batch_transform must be a function of (images, labels), "
                f"not {type(batch_transform).__name__}."
            )
        collate = options.get("collate_fn") or default_collate
        options["collate_fn"] = BatchCollate(batch_transform, collate)
    try:
        return DataLoader(dataset, shuffle=shuffle, **options)
    except (TypeError, ValueError) as error:
        raise DataError(f"these loader options do not work: {error}") from error


def _checked_batch_size(batch_size: Any) -> int:
    whole = isinstance(batch_size, Integral) and not isinstance(batch_size, bool)
    if whole and batch_size >= 1:
        return int(batch_size)
    raise DataError(f"batch_size must be a whole number of at least 1, not {batch_size!r}.")
