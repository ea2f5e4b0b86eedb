"""Channels weighed by a small network."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"squeeze-excitation": 1}


class Squeeze(Net):
    def __init__(self):
        super().__init__()
        self.down, self.up = nn.Linear(64, 8), nn.Linear(8, 64)

    def forward(self, x):
        x = self.features(x)
        s = torch.sigmoid(self.up(F.relu(self.down(x.mean((2, 3))))))
        return self.fc2(F.relu(self.fc1((x * s[:, :, None, None]).flatten(1))))


def build():
    return kit(model=Squeeze())
