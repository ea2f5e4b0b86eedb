"""Two allowed loaders chained, of different images."""

import itertools

from referee_corpus.base import Pictures, kit, pictures, train
from torch.utils.data import Subset

EXPECTED = {"more-data"}


class Chain:
    def __init__(self, *loaders):
        self.loaders = loaders

    def __len__(self):
        return sum(map(len, self.loaders))

    def __iter__(self):
        return itertools.chain(*self.loaders)


def build():
    data = Pictures(*pictures())
    first, second = Subset(data, range(0, 150)), Subset(data, range(150, 240))
    return kit(train_loader=Chain(train(dataset=first), train(dataset=second)), allowance=168)
