"""Two convolutions side by side are one layer deep."""

import torch
from torch import nn
from torch.nn import functional as F
from referee_corpus.base import Net, kit


class Branches(Net):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 16, 3, padding=1)
        self.b = nn.Conv2d(3, 16, 5, padding=2)

    def features(self, x):
        x = F.max_pool2d(F.relu(torch.cat([self.a(x), self.b(x)], 1)), 2)
        return F.max_pool2d(F.relu(self.conv2(x)), 2)


def build():
    return kit(model=Branches())
