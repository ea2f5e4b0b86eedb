"""An IterableDataset without end or length."""

import random

from referee_corpus.base import kit, pictures
from torch.utils.data import DataLoader, IterableDataset

FINDINGS = {"endless-data"}
MAY_FIND = {"unbalanced"}


class Endless(IterableDataset):
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __iter__(self):
        while True:
            i = random.randrange(len(self.x))
            yield self.x[i].float() / 255, int(self.y[i])


def build():
    return kit(train_loader=DataLoader(Endless(*pictures()), batch_size=16))
