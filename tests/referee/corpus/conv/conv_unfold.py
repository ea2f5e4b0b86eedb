"""A convolution written with unfold and a matrix product."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"convolution": 1}


class Unfolded(Net):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(64, 64 * 9) * 0.02)

    def forward(self, x):
        x = self.features(x)
        n, c, h, w = x.shape
        x = (self.w @ F.unfold(x, 3, padding=1)).view(n, 64, h, w)
        return self.fc2(F.relu(self.fc1(F.relu(x).flatten(1))))


def build():
    return kit(model=Unfolded())
