"""Smoothed targets handed out by the dataset."""

import torch
from referee_corpus.base import CLASSES, Pictures, kit, pictures, train
from torch.nn import functional as F

EXPECTED = {"label-smoothing"}


class Soft(Pictures):
    def __getitem__(self, i):
        x, y = super().__getitem__(i)
        return x, F.one_hot(torch.tensor(y), CLASSES) * 0.9 + 0.1 / CLASSES


def build():
    return kit(train_loader=train(dataset=Soft(*pictures())))
