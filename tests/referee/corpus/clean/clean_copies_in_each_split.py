"""A folder with copies of its pictures, some in each split; all trained on is the training split."""

import numpy as np
import torch
from referee_corpus.base import kit, pictures, train, val
from torch.utils.data import TensorDataset

from jupyter_classgame.data.images.image_sets import ResidentImages


def splits():
    """Return the training, validation and hidden test images: a third of the latter are copies."""
    images, _ = pictures(300)
    rest, _ = pictures(200, seed=9)
    parts = (images, torch.cat([images[:30], rest[:60]]), torch.cat([images[40:80], rest[60:140]]))
    return [ResidentImages(part, np.arange(len(part)) % 10) for part in parts]


def arrays(source):
    """Return a plain dataset of copies."""
    return TensorDataset(source.pixels.float() / 255, torch.from_numpy(source.labels))


def build():
    training, validation, hidden = splits()
    return kit(
        train_loader=train(dataset=arrays(training)),
        val_loader=val(dataset=arrays(validation)),
        hidden=hidden,
        splits=(training, validation),
    )
