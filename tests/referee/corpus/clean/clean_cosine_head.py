"""A head that compares unit vectors, with a learned scale."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F


class Cosine(Net):
    def __init__(self):
        super().__init__()
        self.fc2 = nn.Linear(64, 10, bias=False)
        self.scale = nn.Parameter(torch.tensor(10.0))

    def forward(self, x):
        h = F.normalize(F.relu(self.fc1(self.features(x).flatten(1))), dim=1)
        return self.scale * h @ F.normalize(self.fc2.weight, dim=1).T


def build():
    return kit(model=Cosine())
