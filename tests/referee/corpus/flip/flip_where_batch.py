"""torch.where on a batch in the loader's __iter__."""

import torch
from referee_corpus.base import kit, train

EXPECTED = {"flip"}


class Mirrored:
    def __init__(self, loader):
        self.loader = loader

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        for x, y in self.loader:
            coin = torch.randint(0, 2, (len(x), 1, 1, 1), dtype=torch.bool)
            yield torch.where(coin, torch.fliplr(x.movedim(-1, 1)).movedim(1, -1), x), y


def build():
    return kit(train_loader=Mirrored(train()))
