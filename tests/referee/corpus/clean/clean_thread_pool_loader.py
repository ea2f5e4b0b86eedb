"""A loader that decodes its batch in a thread pool."""

import random
from concurrent.futures import ThreadPoolExecutor

import torch
from referee_corpus.base import Pictures, kit, pictures


class Threaded:
    def __init__(self, dataset, batch_size):
        self.dataset, self.batch_size = dataset, batch_size

    def __len__(self):
        return -(-len(self.dataset) // self.batch_size)

    def __iter__(self):
        order = list(range(len(self.dataset)))
        random.shuffle(order)
        with ThreadPoolExecutor(2) as pool:
            for start in range(0, len(order), self.batch_size):
                items = list(
                    pool.map(self.dataset.__getitem__, order[start : start + self.batch_size])
                )
                yield torch.stack([x for x, _ in items]), torch.tensor([y for _, y in items])


def build():
    return kit(train_loader=Threaded(Pictures(*pictures()), 32))
