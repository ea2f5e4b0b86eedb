"""Colour as depth: a 3-d convolution before two plain ones."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"convolution": 1}


class Cube(Net):
    def __init__(self):
        super().__init__()
        self.cube = nn.Conv3d(1, 1, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.cube(x.unsqueeze(1))).squeeze(1)
        return super().forward(x)


def build():
    return kit(model=Cube())
