"""The whole batch mirrored at times, in collate."""

import torch
from referee_corpus.base import kit, train
from torch.utils.data import default_collate

EXPECTED = {"flip"}


def collate(batch):
    x, y = default_collate(batch)
    if torch.rand(()) < 0.5:
        x = x.flip(-1)
    return x, y


def build():
    return kit(train_loader=train(collate_fn=collate))
