"""Noise added to the weights before each pass, taken away after it."""

import torch
from referee_corpus.base import Net, kit
from torch.nn import functional as F

EXPECTED = {"noise"}


class Shaken(Net):
    def forward(self, x):
        h = F.relu(self.fc1(self.features(x).flatten(1)))
        w = self.fc2.weight
        if self.training:
            w = w + 0.05 * torch.randn_like(w)
        return F.linear(h, w, self.fc2.bias)


def build():
    return kit(model=Shaken())
