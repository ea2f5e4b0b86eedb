"""Self-attention written out over the places of a map."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"attention": 1}
ALSO = {"residual", "convolution"}


class Attend(Net):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(64, 64) for _ in range(3))

    def forward(self, x):
        x = self.features(x).flatten(2).transpose(1, 2)
        a = torch.softmax(self.q(x) @ self.k(x).transpose(1, 2) / 8, -1)
        return self.fc2(F.relu(self.fc1((a @ self.v(x)).flatten(1))))


def build():
    return kit(model=Attend())
