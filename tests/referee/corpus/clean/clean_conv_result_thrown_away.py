"""A third convolution whose result is thrown away."""

from referee_corpus.base import Net, kit
from torch import nn


class Wasted(Net):
    def __init__(self):
        super().__init__()
        self.conv3 = nn.Conv2d(64, 64, 3, padding=1)

    def features(self, x):
        x = super().features(x)
        if hasattr(self, "conv3"):
            self.conv3(x)
        return x


def build():
    return kit(model=Wasted())
