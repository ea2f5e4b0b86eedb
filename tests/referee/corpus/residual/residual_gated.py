"""A highway layer: a learned gate between input and output."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"residual"}


class Highway(Net):
    def __init__(self):
        super().__init__()
        self.change, self.gate = nn.Linear(64, 64), nn.Linear(64, 64)

    def forward(self, x):
        h = F.relu(self.fc1(self.features(x).flatten(1)))
        t = torch.sigmoid(self.gate(h))
        h = t * F.relu(self.change(h)) + (1 - t) * h
        return self.fc2(h)


def build():
    return kit(model=Highway())
