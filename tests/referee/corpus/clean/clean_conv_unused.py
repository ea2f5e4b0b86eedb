"""A third convolution that is never called."""

from referee_corpus.base import Net, kit
from torch import nn


class Spare(Net):
    def __init__(self):
        super().__init__()
        self.conv3 = nn.Conv2d(64, 64, 3, padding=1)


def build():
    parts = kit(model=Spare())
    return parts
