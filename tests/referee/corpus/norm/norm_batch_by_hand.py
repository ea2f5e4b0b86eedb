"""Batch normalisation written out in the forward pass."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"batch-norm"}


class ByHand(Net):
    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(64))
        self.shift = nn.Parameter(torch.zeros(64))
        self.register_buffer("mean", torch.zeros(64))
        self.register_buffer("var", torch.ones(64))

    def forward(self, x):
        h = self.fc1(self.features(x).flatten(1))
        if self.training:
            mean, var = h.mean(0), h.var(0)
            with torch.no_grad():
                self.mean.lerp_(mean, 0.1)
                self.var.lerp_(var, 0.1)
        else:
            mean, var = self.mean, self.var
        h = (h - mean) / (var + 1e-5).sqrt() * self.gain + self.shift
        return self.fc2(F.relu(h))


def build():
    return kit(model=ByHand())
