"""GELU's approximation and swish written out."""

import torch
from referee_corpus.base import Net, kit
from torch.nn import functional as F


class Hand(Net):
    def features(self, x):
        x = self.conv1(x)
        x = F.max_pool2d(0.5 * x * (1 + torch.tanh(0.797 * (x + 0.0447 * x**3))), 2)
        x = self.conv2(x)
        return F.max_pool2d(x * torch.sigmoid(x), 2)


def build():
    return kit(model=Hand())
