"""Random units overwritten with zero."""

import torch
from referee_corpus.base import Net, kit
from torch.nn import functional as F

EXPECTED = {"dropout"}


class Dropped(Net):
    def forward(self, x):
        x = F.relu(self.fc1(self.features(x).flatten(1)))
        if self.training:
            x = x.masked_fill(torch.rand_like(x) < 0.3, 0.0)
        return self.fc2(x)


def build():
    return kit(model=Dropped())
