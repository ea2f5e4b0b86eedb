"""Oxford 102 Flowers: 1,020 training, 1,020 validation, 6,149 test images (Nilsback 2008)."""

import numpy as np
from torchvision.datasets import Flowers102

from jupyter_classgame.data.images.source_pictures import Collection, FilePictures, LabelledPictures
from jupyter_classgame.data.sources.downloads import data_root, fetch
from jupyter_classgame.packs.spec import DataSpec

FOLDER = "flowers-102"
FILES = ("102flowers.tgz", "imagelabels.mat", "setid.mat")
URL = "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/"


def read(spec: DataSpec) -> Collection:
    """Return the flowers in their published split; they are downloaded (340 MB) if missing.

    Raises
    ------
    DataError
        They are missing and cannot be downloaded.
    """
    root = data_root(spec)
    # With str as loader the datasets return paths; the files are decoded later, in threads.
    train, val, test = fetch(
        lambda split: Flowers102(root, split=split, download=True, loader=str),
        ("train", "val", "test"),
        title="Flowers-102",
        folder=root / FOLDER,
        files=FILES,
        url=URL,
    )
    classes = tuple(Flowers102.classes)
    return Collection("Flowers-102", classes, _part(train), _part(val), _part(test), (64, 64))


def _part(dataset: Flowers102) -> LabelledPictures:
    paths, labels = zip(*(dataset[index] for index in range(len(dataset))), strict=True)
    return LabelledPictures(FilePictures(paths), np.asarray(labels, np.int64))
