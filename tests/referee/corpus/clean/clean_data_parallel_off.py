"""Layers kept in lists and dictionaries, called in a loop."""

from referee_corpus.base import kit
from torch import nn
from torch.nn import functional as F


class Loop(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList(
            [nn.Conv2d(3, 32, 5, padding=2), nn.Conv2d(32, 64, 5, padding=2)]
        )
        self.parts = nn.ModuleDict({"pool": nn.MaxPool2d(2), "head": nn.Linear(4096, 10)})

    def forward(self, x):
        for conv in self.convs:
            x = self.parts["pool"](F.relu(conv(x)))
        return self.parts["head"](x.flatten(1))


def build():
    return kit(model=Loop())
