"""CIFAR-10: 50,000 training and 10,000 test images of 32x32 pixels (Krizhevsky 2009)."""

import numpy as np
from torchvision.datasets import CIFAR10

from jupyter_classgame.data.images.source_pictures import (
    ArrayPictures,
    Collection,
    LabelledPictures,
)
from jupyter_classgame.data.sources.downloads import data_root, fetch
from jupyter_classgame.packs.spec import DataSpec


def read(spec: DataSpec) -> Collection:
    """Return CIFAR-10; it is downloaded (170 MB) if it is missing.

    Raises
    ------
    DataError
        It is missing and cannot be downloaded.
    """
    root = data_root(spec)
    train, test = fetch(
        lambda split: CIFAR10(root, train=split == "train", download=True),
        ("train", "test"),
        title="CIFAR-10",
        folder=root,
        files=[CIFAR10.filename],
        url=CIFAR10.url,
    )
    return Collection("CIFAR-10", tuple(train.classes), _part(train), None, _part(test), (32, 32))


def _part(dataset: CIFAR10) -> LabelledPictures:
    return LabelledPictures(
        ArrayPictures(dataset.data, "CIFAR-10"), np.asarray(dataset.targets, np.int64)
    )
