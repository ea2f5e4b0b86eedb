"""STL-10: 5,000 training and 8,000 test images of 96x96 pixels (Coates, Ng, Lee 2011)."""

import numpy as np
from torchvision.datasets import STL10

from jupyter_classgame.data.images.source_pictures import (
    ArrayPictures,
    Collection,
    LabelledPictures,
)
from jupyter_classgame.data.sources.downloads import data_root, fetch
from jupyter_classgame.packs.spec import DataSpec


class LabelledSTL10(STL10):  # type: ignore[misc]  # torchvision has no types
    """STL-10 without its 100,000 unlabelled images, 2.8 GB that need no download and no check."""

    train_list = STL10.train_list[:2]


def read(spec: DataSpec) -> Collection:
    """Return STL-10; it is downloaded (2.6 GB) if it is missing.

    Raises
    ------
    DataError
        It is missing and cannot be downloaded.
    """
    root = data_root(spec)
    train, test = fetch(
        lambda split: _named(LabelledSTL10(root, split=split, download=True)),
        ("train", "test"),
        title="STL-10",
        folder=root,
        files=[STL10.filename],
        url=STL10.url,
    )
    return Collection("STL-10", tuple(train.classes), _part(train), None, _part(test), (96, 96))


def _named(dataset: LabelledSTL10) -> LabelledSTL10:
    if not hasattr(dataset, "classes"):  # torchvision ignores a missing file of class names
        raise FileNotFoundError(f"no {dataset.base_folder}/{dataset.class_names_file}")
    return dataset


def _part(dataset: LabelledSTL10) -> LabelledPictures:
    pixels = np.ascontiguousarray(dataset.data.transpose(0, 2, 3, 1))
    return LabelledPictures(ArrayPictures(pixels, "STL-10"), dataset.labels.astype(np.int64))
