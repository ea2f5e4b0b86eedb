"""A loader class in memory that uses a permitted part of the array."""

import torch
from referee_corpus.base import kit, pictures


class Part:
    def __init__(self, x, y, count, batch=32):
        self.x, self.y = x, y
        self.order = torch.randperm(len(x), generator=torch.Generator().manual_seed(4))[:count]
        self.batch = batch

    def __len__(self):
        return -(-len(self.order) // self.batch)

    def __iter__(self):
        for part in self.order[torch.randperm(len(self.order))].split(self.batch):
            yield self.x[part].float() / 255, self.y[part]


def build():
    return kit(train_loader=Part(*pictures(), 160), allowance=168)
