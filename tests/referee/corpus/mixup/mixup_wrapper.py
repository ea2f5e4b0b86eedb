"""Mixup in a wrapper dataset that picks another item."""

import random

import torch
from referee_corpus.base import CLASSES, Pictures, kit, pictures, train
from torch.utils.data import Dataset

EXPECTED = {"mixup"}


class Mixed(Dataset):
    def __init__(self, base, alpha=0.5):
        self.base, self.alpha = base, alpha

    def __len__(self):
        return len(self.base)

    def __getitem__(self, i):
        x, y = self.base[i]
        x2, y2 = self.base[random.randrange(len(self.base))]
        lam = random.betavariate(self.alpha, self.alpha)
        hot = torch.zeros(CLASSES)
        hot[y] += lam
        hot[y2] += 1 - lam
        return lam * x + (1 - lam) * x2, hot


def build():
    return kit(train_loader=train(dataset=Mixed(Pictures(*pictures()))))
