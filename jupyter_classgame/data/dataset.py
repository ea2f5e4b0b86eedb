"""A player's dataset: float images in [0, 1] with integer labels."""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from torch import Tensor
from torch.utils.data import Dataset

from jupyter_classgame.data.images.image_sets import ImageSets, ImageSource
from jupyter_classgame.data.images.source_pictures import Indices
from jupyter_classgame.data.splits import checked_fraction, fraction_indices
from jupyter_classgame.errors import DataError

Transform = Callable[[Tensor], Tensor]
Sample = tuple[Tensor, int]

CHANNELS = (1, 3)
IMAGE_DIMS = 3


class GameDataset(Dataset[Sample]):
    """Labelled images of one split.

    Parameters
    ----------
    source
        Holds the images.
    indices
        Positions of this dataset's images in ``source``; None for all.
    transform
        Takes an image, float32 of shape (3, height, width) in [0, 1], and returns a tensor of shape
        (channels, height, width); None for no transform.
    split
        ``"train"``, ``"val"`` or ``"test"``.
    fraction
        The share of the split that ``indices`` select, above 0 and at most 1.
    classes
        Class names; a label is a position in them.

    Attributes
    ----------
    labels
        The label of every item: int64, shape (n,).

    Raises
    ------
    DataError
        ``transform`` is a class or not callable; or, when an item is read, it does not return an
        image.
    """

    def __init__(
        self,
        source: ImageSource,
        indices: Indices | Sequence[int] | None = None,
        transform: Transform | None = None,
        split: str = "train",
        fraction: float = 1.0,
        classes: Sequence[str] = (),
    ) -> None:
        if transform is not None and not callable(transform):
            raise DataError(
                f"transform must be a function of an image, not {transform_name(transform)}; "
                "chain several with v2.Compose([...])."
            )
        if isinstance(transform, type):
            raise DataError(instance_hint("transform", transform))
        self.source = source
        self.indices: Indices = (
            np.arange(len(source), dtype=np.int64)
            if indices is None
            else np.asarray(indices, dtype=np.int64)
        )
        self.labels: Indices = source.labels[self.indices]
        self.transform = transform
        self.split = split
        self.fraction = checked_fraction(fraction)
        self.classes = tuple(classes)

    @classmethod
    def of(
        cls, sets: ImageSets, split: str, fraction: float = 1.0, transform: Transform | None = None
    ) -> Self:
        """Return a stratified subset of a split; a larger ``fraction`` contains the smaller ones.

        Raises
        ------
        DataError
            There is no such split, or ``fraction`` is not above 0 and at most 1.
        """
        sources = {"train": sets.train, "val": sets.val, "test": sets.test}
        if split not in sources:
            raise DataError(f"there is no split {split!r}; the splits are 'train' and 'val'.")
        source = sources[split]
        indices = fraction_indices(source.labels, fraction)
        return cls(source, indices, transform, split, fraction, sets.classes)

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Sample:
        image = self.source.image(int(self.indices[index]))
        return self._transformed(_floats(image)), int(self.labels[index])

    def __getitems__(self, indices: Sequence[int]) -> list[Sample]:
        """Return the items of a batch, with one gather from the source."""
        images = self.source.images(self.indices[indices])
        labels = self.labels[indices].tolist()
        # Conversion to float is image by image: torch would use all cores for a batch, which costs
        # far more than it saves on a machine that a class shares.
        return [
            (self._transformed(_floats(image)), label)
            for image, label in zip(images, labels, strict=True)
        ]

    def __repr__(self) -> str:
        count = f"{len(self):,} of {len(self.source):,} images"
        transform = "none" if self.transform is None else transform_name(self.transform)
        return (
            f"GameDataset({self.split}: {count}, fraction {self.fraction:g}, "
            f"{len(self.classes)} classes, transform: {transform})"
        )

    def _transformed(self, image: Tensor) -> Tensor:
        if self.transform is None:
            return image
        return checked_image(self.transform(image), self.transform)


def checked_image(result: Any, transform: Any) -> Tensor:
    """Return a transform's result if it is an image: a tensor (channels, height, width).

    Raises
    ------
    DataError
        It is not an image.
    """
    if isinstance(result, Tensor) and result.ndim == IMAGE_DIMS and not _channels_last(result):
        return result
    shape = tuple(result.shape) if isinstance(result, Tensor) else ""
    raise DataError(
        f"transform {transform_name(transform)} returned {type(result).__name__}{shape}",
        "it must return a tensor of shape (channels, height, width).",
    )


def instance_hint(name: str, transform: type) -> str:
    """Return the message for a transform that is a class: how to create an instance."""
    title = transform_name(transform)
    return f"{name}: {title} is a class; make one with {title}(...)"


def transform_name(transform: object) -> str:
    """Return the name of a transform for a message."""
    return str(getattr(transform, "__qualname__", type(transform).__name__))


def _floats(image: Tensor) -> Tensor:
    return image.div(255)  # true division: float32 out of uint8 in one pass


def _channels_last(image: Tensor) -> bool:
    return image.shape[-1] in CHANNELS and image.shape[0] not in CHANNELS
