"""Decoded images written to a cache folder the first time and read back later."""

from pathlib import Path

import torch
from referee_corpus.base import Pictures, empty_folder, kit, pictures, train
from torch.utils.data import Dataset


class OnDisk(Dataset):
    def __init__(self, base, place):
        self.base, self.place = base, Path(place)

    def __len__(self):
        return len(self.base)

    def __getitem__(self, i):
        file = self.place / f"{i}.pt"
        if not file.exists():
            torch.save(self.base[i], file)
        return torch.load(file)


def build():
    root = empty_folder()
    return kit(train_loader=train(dataset=OnDisk(Pictures(*pictures()), root)))
