"""Quarter turns with np.rot90 and a generator object."""

import numpy as np
import torch
from referee_corpus.base import kit, pictures, train
from torch.utils.data import Dataset

EXPECTED = {"rotation"}
rng = np.random.default_rng(3)


class Quarter(Dataset):
    def __init__(self):
        x, y = pictures()
        self.x, self.y = x.permute(0, 2, 3, 1).numpy(), y

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        img = np.rot90(self.x[i], rng.integers(4))
        return torch.tensor(img.copy()).permute(2, 0, 1) / 255, self.y[i]


def build():
    return kit(train_loader=train(dataset=Quarter()))
