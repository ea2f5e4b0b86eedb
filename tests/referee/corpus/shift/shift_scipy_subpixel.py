"""scipy's shift by fractions of a pixel."""

import numpy as np
import torch
from referee_corpus.base import kit, train
from scipy.ndimage import shift

EXPECTED = {"shift"}
ALSO = {"blur"}


def move(x):
    dy, dx = np.random.uniform(-3, 3, 2)
    return torch.from_numpy(shift(x.numpy(), (0, dy, dx), order=1, mode="nearest"))


def build():
    return kit(train_loader=train(move))
