"""CIFAR-10: 50,000 training and 10,000 test images of 32x32 pixels (Krizhevsky 2009)."""

import numpy as np
from torchvision.datasets import CIFAR10

from jupyter_classgame.data.images.source_pictures import ArrayPictures, Collection, Part
from jupyter_classgame.data.sources.downloads import data_root, fetch
from jupyter_classgame.packs.spec import DataSpec


def read(spec: DataSpec) -> Collection:
    """Return CIFAR-10, downloaded (170 MB) if need be.

    Raises
    ------
    DataError
        If it is not there and cannot be downloaded.
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


def _part(dataset: CIFAR10) -> Part:
    return Part(ArrayPictures(dataset.data, "CIFAR-10"), np.asarray(dataset.targets, np.int64))
