"""A hidden layer that uses the transposed weight of the one before."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F


class Tied(Net):
    def __init__(self):
        super().__init__()
        self.code = nn.Linear(64, 16)

    def forward(self, x):
        h = F.relu(self.fc1(self.features(x).flatten(1)))
        code = torch.tanh(self.code(h))
        return self.fc2(F.relu(code @ self.code.weight))


def build():
    return kit(model=Tied())
