"""Random channels set to zero by index."""

import random

import torch
from referee_corpus.base import Net, kit
from torch.nn import functional as F

EXPECTED = {"dropout"}


class Quiet(Net):
    def forward(self, x):
        x = self.features(x)
        if self.training:
            off = random.sample(range(64), 16)
            mask = torch.ones(64)
            mask[off] = 0
            x = x * mask[None, :, None, None]
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


def build():
    return kit(model=Quiet())
