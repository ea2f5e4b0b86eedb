"""Means of activations over the batch, written to a buffer and to a list, never used."""

import torch
from referee_corpus.base import Net, kit
from torch.nn import functional as F


class Logging(Net):
    def __init__(self):
        super().__init__()
        self.register_buffer("level", torch.zeros(64))
        self.history = []

    def forward(self, x):
        h = F.relu(self.fc1(self.features(x).flatten(1)))
        with torch.no_grad():
            self.level.mul_(0.9).add_(0.1 * h.mean(0))
            self.history.append(float(h.std()))
        return self.fc2(h)


def build():
    return kit(model=Logging())
