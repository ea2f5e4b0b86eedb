"""A timm-like DropPath in residual blocks with layer scale."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"stochastic-depth": 1, "residual": 1, "convolution": 2, "batch-norm": 1}


class DropPath(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        keep = 1 - self.p
        mask = x.new_empty((x.shape[0],) + (1,) * (x.ndim - 1)).bernoulli_(keep)
        return x * mask.div_(keep)


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.conv, self.bn, self.path = (
            nn.Conv2d(d, d, 3, padding=1),
            nn.BatchNorm2d(d),
            DropPath(0.2),
        )
        self.gamma = nn.Parameter(torch.full((d, 1, 1), 1e-1))

    def forward(self, x):
        return x + self.path(self.gamma * F.relu(self.bn(self.conv(x))))


class Model(Net):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(Block(64), Block(64))

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(self.blocks(self.features(x)).flatten(1))))


def build():
    return kit(model=Model())
