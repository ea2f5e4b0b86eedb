"""A loader class that mirrors what it hands out."""

import numpy as np
import torch
from referee_corpus.base import kit, pictures

EXPECTED = {"flip"}


class Loader:
    def __init__(self, x, y, batch_size):
        self.x, self.y, self.batch_size = x, y, batch_size

    def __len__(self):
        return len(self.x) // self.batch_size

    def __iter__(self):
        for part in torch.randperm(len(self.x)).split(self.batch_size):
            x = self.x[part]
            if np.random.random() < 0.5:
                x = torch.flip(x, dims=[3])
            yield x, self.y[part]


def build():
    x, y = pictures()
    return kit(train_loader=Loader(x.float() / 255, y, 32))
