"""Padding by np.pad, then a window at random."""

import numpy as np
import torch
from referee_corpus.base import kit, pictures, train
from torch.utils.data import Dataset

EXPECTED = {"shift"}
ALSO = {"resampling"}


class Window(Dataset):
    def __init__(self):
        x, y = pictures()
        self.x, self.y = x.permute(0, 2, 3, 1).numpy(), y.tolist()

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        big = np.pad(self.x[i], ((3, 3), (3, 3), (0, 0)), mode="reflect")
        top, left = np.random.randint(0, 7, size=2)
        img = big[top : top + 32, left : left + 32]
        return torch.from_numpy(img.transpose(2, 0, 1).astype("float32") / 255), self.y[i]


def build():
    return kit(train_loader=train(dataset=Window()))
