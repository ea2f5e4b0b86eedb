"""GridMask: a lattice of holes at a random phase."""

import random

import torch
from referee_corpus.base import kit, train

EXPECTED = {"cutout"}


def grid_mask(x):
    if random.random() < 0.3:
        return x
    a, b = random.randrange(10), random.randrange(10)
    rows = (torch.arange(32) + a) % 10 < 5
    columns = (torch.arange(32) + b) % 10 < 5
    return x.masked_fill(rows[:, None] & columns[None], 0.0)


def build():
    return kit(train_loader=train(grid_mask))
