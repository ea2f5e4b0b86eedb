"""A block that Python's random leaves out at times."""

import random

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"stochastic-depth": 1, "residual": 1, "convolution": 1}


class Deep(Net):
    def __init__(self):
        super().__init__()
        self.block = nn.Conv2d(64, 64, 3, padding=1)

    def forward(self, x):
        x = self.features(x)
        if not self.training or random.random() < 0.7:
            x = F.relu(x + self.block(x))
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


def build():
    return kit(model=Deep())
