"""DenseNet's way: input and output of a convolution joined."""

import torch
from referee_corpus.base import kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"residual"}


class Dense(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 16, 3, padding=1)
        self.b = nn.Conv2d(16, 16, 3, padding=1)
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        a = F.relu(self.a(x))
        b = F.relu(self.b(a))
        return self.head(torch.cat([a, b], 1).mean((2, 3)))


def build():
    return kit(model=Dense())
