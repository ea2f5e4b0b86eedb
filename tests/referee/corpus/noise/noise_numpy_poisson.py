"""Shot noise by NumPy's Poisson numbers."""

import numpy as np
import torch
from referee_corpus.base import kit, train

EXPECTED = {"noise"}


def shot(x):
    return torch.from_numpy(np.random.poisson(x.numpy() * 60) / 60).float().clamp(0, 1)


def build():
    return kit(train_loader=train(shot))
