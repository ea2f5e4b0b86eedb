"""Gaussian dropout: activations times one plus noise."""

import torch
from referee_corpus.base import Net, kit
from torch.nn import functional as F

EXPECTED = {"noise"}
ALSO = {"dropout"}


class Noisy(Net):
    def forward(self, x):
        h = F.relu(self.fc1(self.features(x).flatten(1)))
        if self.training:
            h = h * (1 + 0.5 * torch.randn_like(h))
        return self.fc2(h)


def build():
    return kit(model=Noisy())
