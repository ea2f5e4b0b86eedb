"""Mean and maximum of the last map, side by side."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F


class Both(Net):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(128, 64)

    def forward(self, x):
        x = self.features(x)
        pooled = torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)
        return self.fc2(F.relu(self.fc1(pooled)))


def build():
    return kit(model=Both())
