"""Smoothed one-hot targets made in the collate."""

import torch
from referee_corpus.base import kit, train
from torch.utils.data import default_collate

EXPECTED = {"label-smoothing"}


def smooth(batch):
    x, y = default_collate(batch)
    t = torch.full((len(y), 10), 0.01)
    t[torch.arange(len(y)), y] = 0.91
    return x, t


def build():
    return kit(train_loader=train(collate_fn=smooth))
