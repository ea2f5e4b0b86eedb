"""A mask filled by bernoulli_."""

import torch
from referee_corpus.base import Net, kit
from torch.nn import functional as F

EXPECTED = {"dropout"}


class Dropped(Net):
    def forward(self, x):
        x = F.relu(self.fc1(self.features(x).flatten(1)))
        if self.training:
            x = x.mul(torch.empty_like(x).bernoulli_(0.8)).div(0.8)
        return self.fc2(x)


def build():
    return kit(model=Dropped())
