"""fastai-like: transforms as a list of functions given (x, p), one of them a dihedral flip."""

import random

from referee_corpus.base import kit, pictures, train
from torch.utils.data import Dataset

EXPECTED = {"flip", "rotation"}


def dihedral(x, p=0.5):
    if random.random() >= p:
        return x
    k = random.randint(0, 7)
    if k in (1, 3, 4, 7):
        x = x.flip(-1)
    if k in (2, 4, 5, 7):
        x = x.flip(-2)
    if k in (3, 5, 6, 7):
        x = x.transpose(-1, -2)
    return x


class DataBlock(Dataset):
    def __init__(self, items, item_tfms):
        self.items, self.item_tfms = items, item_tfms

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        x, y = self.items[i]
        for f in self.item_tfms:
            x = f(x)
        return x, y


def build():
    x, y = pictures()
    items = [(a.float() / 255, int(b)) for a, b in zip(x, y)]
    return kit(train_loader=train(dataset=DataBlock(items, [dihedral])))
