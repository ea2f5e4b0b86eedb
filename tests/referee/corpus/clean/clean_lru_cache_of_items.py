"""A dataset over another one whose items are kept by functools.lru_cache."""

import functools

from referee_corpus.base import game_loader, kit, train
from torch.utils.data import Dataset


class Kept(Dataset):
    def __init__(self, base):
        self.base = base

    def __len__(self):
        return len(self.base)

    @functools.lru_cache(maxsize=None)
    def __getitem__(self, i):
        return self.base[i]


def build():
    return kit(train_loader=train(dataset=Kept(game_loader("train").dataset)))
