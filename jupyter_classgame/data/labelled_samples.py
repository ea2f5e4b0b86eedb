"""Sample sheet: labelled training images of every class."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from jupyter_classgame.data.images.image_sets import ImageSets
from jupyter_classgame.data.images.picture_decoder import Pixels
from jupyter_classgame.errors import DataError


@dataclass(frozen=True, eq=False)
class SampleSheet:
    """Images with their labels, ordered by class.

    Attributes
    ----------
    title
    classes
        Class names of the game.
    images
        Arrays of uint8, shape (height, width, 3).
    labels
        The class name of every image.
    """

    title: str
    classes: Sequence[str]
    images: list[Pixels]
    labels: list[str]

    @property
    def groups(self) -> list[range]:
        """Positions of the images that are shown together: those of a class, or one of each."""
        labels = pairwise([None, *self.labels])
        starts = [place for place, (before, label) in enumerate(labels) if label != before]
        if len(starts) == len(self.labels):
            return [range(len(self.labels))]
        return [range(*ends) for ends in pairwise([*starts, len(self.labels)])]

    def __repr__(self) -> str:
        return f"SampleSheet({self.title}: {', '.join(self.classes)})"


def sample_sheet(sets: ImageSets, per_class: int = 1) -> SampleSheet:
    """Return the first ``per_class`` training images of every class, or all where there are fewer.

    Raises
    ------
    DataError
        ``per_class`` is not a whole number of at least 1.
    """
    if not isinstance(per_class, int) or isinstance(per_class, bool) or per_class < 1:
        raise DataError(f"per_class must be a whole number of at least 1, not {per_class!r}.")
    numbers = sets.train.labels
    chosen = np.concatenate(
        [np.flatnonzero(numbers == label)[:per_class] for label in range(len(sets.classes))]
    )
    images = sets.train.images(chosen).permute(0, 2, 3, 1).contiguous().numpy()
    labels = [sets.classes[number] for number in numbers[chosen]]
    what = "One training image" if per_class == 1 else f"{per_class} training images"
    return SampleSheet(f"{what} of each class", sets.classes, list(images), labels)
