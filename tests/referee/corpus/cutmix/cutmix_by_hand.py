"""A rectangle pasted from another image of the batch."""

import random

import torch
from referee_corpus.base import CLASSES, kit, train
from torch.nn import functional as F
from torch.utils.data import default_collate

EXPECTED = {"cutmix"}


def collate(batch):
    x, y = default_collate(batch)
    y = F.one_hot(y, CLASSES).float()
    order = torch.randperm(len(x))
    s = random.randint(8, 20)
    r, c = random.randint(0, 32 - s), random.randint(0, 32 - s)
    x[:, :, r : r + s, c : c + s] = x[order][:, :, r : r + s, c : c + s]
    lam = 1 - s * s / 1024
    return x, lam * y + (1 - lam) * y[order]


def build():
    return kit(train_loader=train(collate_fn=collate))
