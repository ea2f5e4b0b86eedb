"""The second convolution in two groups."""

from referee_corpus.base import Net, kit
from torch import nn


class Grouped(Net):
    def __init__(self):
        super().__init__()
        self.conv2 = nn.Conv2d(32, 64, 5, padding=2, groups=2)


def build():
    return kit(model=Grouped())
