"""random_split with a seeded generator."""

import torch
from referee_corpus.base import Pictures, kit, pictures, train, val
from torch.utils.data import random_split


def build():
    full = Pictures(*pictures())
    a, b = random_split(full, [168, 72], generator=torch.Generator().manual_seed(0))
    return kit(train_loader=train(dataset=a), val_loader=val(dataset=b), allowance=168)
