"""Branches of an inception block with a pooled branch: joined, not residual."""

import torch
from referee_corpus.base import kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"convolution": 1}


class Inception(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, padding=1)
        self.a, self.b = nn.Conv2d(16, 8, 1), nn.Conv2d(16, 8, 3, padding=1)
        self.c1, self.c2 = nn.Conv2d(16, 4, 1), nn.Conv2d(4, 8, 5, padding=2)
        self.p = nn.Conv2d(16, 8, 1)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.stem(x)), 2)
        pooled = self.p(F.max_pool2d(x, 3, 1, 1))
        x = torch.cat([self.a(x), self.b(x), self.c2(F.relu(self.c1(x))), pooled], 1)
        return self.fc(F.relu(x).mean((2, 3)))


def build():
    return kit(model=Inception())
