"""A mask from torch.rand."""

import torch
from referee_corpus.base import Net, kit
from torch.nn import functional as F

EXPECTED = {"dropout"}


class Dropped(Net):
    def forward(self, x):
        x = F.relu(self.fc1(self.features(x).flatten(1)))
        if self.training:
            x = x * (torch.rand(x.shape) > 0.4).float() / 0.6
        return self.fc2(x)


def build():
    return kit(model=Dropped())
