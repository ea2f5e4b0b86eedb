"""F.conv2d with an nn.Parameter."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"convolution": 1}


class Functional(Net):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(64, 64, 3, 3) * 0.05)

    def forward(self, x):
        x = F.relu(F.conv2d(self.features(x), self.w, padding=1)).flatten(1)
        return self.fc2(F.relu(self.fc1(x)))


def build():
    return kit(model=Functional())
