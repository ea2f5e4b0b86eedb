"""A stream that ends, and does not say when; every image comes three times an epoch."""

import random

from referee_corpus.base import kit, pictures
from torch.utils.data import DataLoader, IterableDataset

MAY_FIND = {"unbalanced"}


class Stream(IterableDataset):
    def __init__(self, images, labels):
        self.images, self.labels = images, labels

    def __iter__(self):
        order = 3 * list(range(len(self.labels)))
        random.shuffle(order)
        for i in order:
            yield self.images[i].float() / 255, int(self.labels[i])


def build():
    return kit(train_loader=DataLoader(Stream(*pictures()), batch_size=32))
