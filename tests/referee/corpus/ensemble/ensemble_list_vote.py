"""Five small networks in a ModuleList, median of their scores."""

import torch
from referee_corpus.base import kit
from torch import nn

EXPECTED = {"ensembling"}


def small():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(512, 10)
    )


class Committee(nn.Module):
    def __init__(self):
        super().__init__()
        self.members = nn.ModuleList(small() for _ in range(5))

    def forward(self, x):
        return torch.stack([m(x) for m in self.members]).median(0).values


def build():
    return kit(model=Committee())
