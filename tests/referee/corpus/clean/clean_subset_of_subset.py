"""random_split of a Subset of a ConcatDataset."""

import torch
from referee_corpus.base import Pictures, kit, pictures, train, val
from torch.utils.data import ConcatDataset, Subset, random_split


def build():
    data = ConcatDataset([Pictures(*pictures()), Pictures(*pictures(100, seed=9))])
    some = Subset(data, range(0, 340, 2))
    first, second = random_split(some, [0.8, 0.2], generator=torch.Generator().manual_seed(1))
    return kit(train_loader=train(dataset=first), val_loader=val(dataset=second), allowance=168)
