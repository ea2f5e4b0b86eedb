"""Layers kept in a plain Python list: the optimizer never sees them."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

FINDINGS = {"optimizer-partial"}


class Forgotten(Net):
    def __init__(self):
        super().__init__()
        self.hidden = [nn.Linear(64, 64), nn.Linear(64, 64)]

    def forward(self, x):
        h = F.relu(self.fc1(self.features(x).flatten(1)))
        for layer in self.hidden:
            h = F.relu(layer(h))
        return self.fc2(h)


def build():
    return kit(model=Forgotten())
