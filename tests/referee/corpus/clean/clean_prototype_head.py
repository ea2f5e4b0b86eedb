"""Scores are negative distances to learned prototypes."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F


class Prototypes(Net):
    def __init__(self):
        super().__init__()
        del self.fc2
        self.prototypes = nn.Parameter(torch.randn(10, 64))

    def forward(self, x):
        h = F.relu(self.fc1(self.features(x).flatten(1)))
        return -torch.cdist(h, self.prototypes) / 8


def build():
    return kit(model=Prototypes())
