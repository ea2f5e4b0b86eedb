"""Layers from a list of widths, in a ModuleList."""

from referee_corpus.base import kit
from torch import nn


class Stack(nn.Module):
    def __init__(self, widths=(16, 32)):
        super().__init__()
        self.layers = nn.ModuleList()
        before = 3
        for width in widths:
            self.layers.append(nn.Conv2d(before, width, 3, stride=2, padding=1))
            before = width
        self.head = nn.Linear(before * 64, 10)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).relu()
        return self.head(x.flatten(1))


def build():
    return kit(model=Stack())
