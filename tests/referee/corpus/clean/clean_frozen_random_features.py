"""Random fixed weights kept in a plain list, not to be trained: a random projection."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F


class Projected(Net):
    def __init__(self):
        super().__init__()
        self.fixed = [torch.randn(64, 64, generator=torch.Generator().manual_seed(0)) / 8]
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        h = F.relu(self.fc1(self.features(x).flatten(1)))
        return self.fc2(torch.relu(h @ self.fixed[0]))


def build():
    return kit(model=Projected())
