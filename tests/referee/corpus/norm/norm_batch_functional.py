"""F.batch_norm with buffers of the model's own."""

import torch
from referee_corpus.base import Net, kit
from torch.nn import functional as F

EXPECTED = {"batch-norm"}


class Functional(Net):
    def __init__(self):
        super().__init__()
        self.register_buffer("m", torch.zeros(64))
        self.register_buffer("v", torch.ones(64))

    def forward(self, x):
        h = self.fc1(self.features(x).flatten(1))
        h = F.batch_norm(h, self.m, self.v, training=self.training)
        return self.fc2(F.relu(h))


def build():
    return kit(model=Functional())
