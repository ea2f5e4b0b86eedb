"""A mask from NumPy."""

import numpy as np
import torch
from referee_corpus.base import Net, kit
from torch.nn import functional as F

EXPECTED = {"dropout"}


class Dropped(Net):
    def forward(self, x):
        x = F.relu(self.fc1(self.features(x).flatten(1)))
        if self.training:
            x = x * torch.tensor(np.random.binomial(1, 0.7, x.shape), dtype=x.dtype) / 0.7
        return self.fc2(x)


def build():
    return kit(model=Dropped())
