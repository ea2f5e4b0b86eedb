"""Rows reversed by NumPy slicing."""

import numpy as np
import torch
from referee_corpus.base import kit, pictures, train
from torch.utils.data import Dataset

EXPECTED = {"flip"}


class Sliced(Dataset):
    def __init__(self):
        x, y = pictures()
        self.x, self.y = x.permute(0, 2, 3, 1).numpy(), y.numpy()

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        img = self.x[i]
        if np.random.rand() > 0.5:
            img = img[:, ::-1]
        return torch.from_numpy(img.copy()).permute(2, 0, 1).float() / 255, int(self.y[i])


def build():
    return kit(train_loader=train(dataset=Sliced()))
