"""A third convolution that is never called."""

from torch import nn
from referee_corpus.base import Net, kit


class Spare(Net):
    def __init__(self):
        super().__init__()
        self.conv3 = nn.Conv2d(64, 64, 3, padding=1)


def build():
    parts = kit(model=Spare())
    return parts
