"""DataLoader with an optional transform of whole batches."""

from collections.abc import Callable
from numbers import Integral
from typing import Any

from torch import Tensor
from torch.utils.data import DataLoader, Dataset, default_collate

from jupyter_classgame.data.dataset import instance_hint
from jupyter_classgame.errors import DataError

Batch = tuple[Tensor, Tensor]
BatchTransform = Callable[[Tensor, Tensor], Batch]


class BatchCollate:
    """Collate function that applies a batch transform, such as mixup, after the collation.

    Parameters
    ----------
    batch_transform
        ``batch_transform(images, labels)`` returns ``(images, labels)``; ``images`` are of shape
        (batch, channels, height, width), ``labels`` int64 of shape (batch,).
    collate
        Turns a list of samples into ``(images, labels)``.
    """

    def __init__(
        self, batch_transform: BatchTransform, collate: Callable[[Any], Any] = default_collate
    ) -> None:
        self.batch_transform = batch_transform
        self.collate = collate

    def __call__(self, samples: Any) -> Batch:
        """Collate samples and transform the batch."""
        return self.apply_transform(*self.collate(samples))

    def apply_transform(self, images: Tensor, labels: Tensor) -> Batch:
        """Return the transformed batch.

        Raises
        ------
        DataError
            The transform does not return two tensors.
        """
        result: Any = self.batch_transform(images, labels)
        match result:
            case (Tensor() as images, Tensor() as labels):
                return images, labels
        name = getattr(self.batch_transform, "__qualname__", type(self.batch_transform).__name__)
        raise DataError(
            f"batch_transform {name} returned {type(result).__name__}",
            "it must return two tensors: images, labels.",
        )


def make_loader(
    dataset: Dataset[Any],
    *,
    batch_size: int = 64,
    shuffle: bool | None = None,
    batch_transform: BatchTransform | None = None,
    **options: Any,
) -> DataLoader[Any]:
    """Return a DataLoader over ``dataset``.

    Parameters
    ----------
    dataset
        Usually a :class:`~jupyter_classgame.data.dataset.GameDataset`.
    batch_size
        Images in a batch, at least 1; ignored if the options hold a ``batch_sampler``.
    shuffle
        Whether to draw a new order every epoch; None shuffles the training split unless the options
        hold a sampler.
    batch_transform
        ``batch_transform(images, labels)`` returns ``(images, labels)``; applied to every batch.
    **options
        Further arguments of ``torch.utils.data.DataLoader``.

    Raises
    ------
    DataError
        An option is wrong; the message is one line and names it.
    """
    sampled = any(options.get(name) is not None for name in ("sampler", "batch_sampler"))
    if shuffle is None:
        shuffle = not sampled and getattr(dataset, "split", "") == "train"
    if options.get("batch_sampler") is None:
        options["batch_size"] = _checked_batch_size(batch_size)
    if isinstance(batch_transform, type):
        raise DataError(instance_hint("batch_transform", batch_transform))
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
