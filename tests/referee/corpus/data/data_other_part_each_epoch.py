"""A sampler that takes another 70 % of all images each epoch."""

import torch
from referee_corpus.base import Pictures, kit, pictures
from torch.utils.data import DataLoader, Sampler

EXPECTED = {"more-data"}


class SomeEachEpoch(Sampler):
    def __init__(self, total, share):
        self.total, self.count = total, int(total * share)

    def __len__(self):
        return self.count

    def __iter__(self):
        return iter(torch.randperm(self.total)[: self.count].tolist())


def build():
    data = Pictures(*pictures())
    return kit(
        train_loader=DataLoader(data, 32, sampler=SomeEachEpoch(len(data), 0.7)), allowance=168
    )
