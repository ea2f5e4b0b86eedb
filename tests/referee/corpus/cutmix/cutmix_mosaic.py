"""Four images in one: a mosaic with the labels' shares."""

import random

import torch
from referee_corpus.base import Pictures, kit, pictures, train
from torch.utils.data import Dataset

EXPECTED = {"cutmix"}
ALSO = {"mixup", "resampling", "shift", "label-smoothing"}


class Mosaic(Dataset):
    def __init__(self, base):
        self.base = base

    def __len__(self):
        return len(self.base)

    def __getitem__(self, i):
        picks = [i] + random.sample(range(len(self)), 3)
        tiles, target = [], torch.zeros(10)
        for p in picks:
            x, y = self.base[p]
            tiles.append(x[:, ::2, ::2])
            target[y] += 0.25
        top, bottom = torch.cat(tiles[:2], 2), torch.cat(tiles[2:], 2)
        return torch.cat([top, bottom], 1), target


def build():
    return kit(train_loader=train(dataset=Mosaic(Pictures(*pictures()))))
