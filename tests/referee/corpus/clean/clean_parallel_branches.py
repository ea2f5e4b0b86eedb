"""Two convolutions side by side are one layer deep."""

import torch
from referee_corpus.base import kit
from torch import nn
from torch.nn import functional as F


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv2, self.fc = nn.Conv2d(32, 64, 3, padding=1), nn.Linear(4096, 10)
        self.a = nn.Conv2d(3, 16, 3, padding=1)
        self.b = nn.Conv2d(3, 16, 5, padding=2)

    def forward(self, x):
        x = F.max_pool2d(F.relu(torch.cat([self.a(x), self.b(x)], 1)), 2)
        return self.fc(F.max_pool2d(F.relu(self.conv2(x)), 2).flatten(1))


def build():
    return kit(model=Branches())
