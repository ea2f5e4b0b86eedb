"""Everything moved to the device once, batches by a shuffled index."""

import torch
from referee_corpus.base import kit, pictures


class OnDevice:
    def __init__(self, images, labels, batch_size, device="cpu", shuffle=True):
        self.x = images.to(device).float().div(255)
        self.y = labels.to(device)
        self.batch_size, self.shuffle = batch_size, shuffle

    def __len__(self):
        return (len(self.x) + self.batch_size - 1) // self.batch_size

    def __iter__(self):
        n = len(self.x)
        order = torch.randperm(n) if self.shuffle else torch.arange(n)
        for part in order.split(self.batch_size):
            yield self.x[part], self.y[part]


def build():
    return kit(
        train_loader=OnDevice(*pictures(), 32),
        val_loader=OnDevice(*pictures(80, seed=1), 64, shuffle=False),
    )
