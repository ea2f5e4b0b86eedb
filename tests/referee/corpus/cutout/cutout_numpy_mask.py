"""A mask multiplied in NumPy, filled with the mean."""

import numpy as np
import torch
from referee_corpus.base import kit, pictures, train
from torch.utils.data import Dataset

EXPECTED = {"cutout"}


class Masked(Dataset):
    def __init__(self):
        x, y = pictures()
        self.x, self.y = x.numpy().astype(np.float32) / 255, y.numpy()

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        img = self.x[i].copy()
        h = np.random.randint(4, 12)
        top, left = np.random.randint(0, 32 - h, 2)
        img[:, top : top + h, left : left + h] = img.mean()
        return torch.from_numpy(img), int(self.y[i])


def build():
    return kit(train_loader=train(dataset=Masked()))
