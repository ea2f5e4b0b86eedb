"""A depthwise and a pointwise convolution are one layer more."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"convolution": 1}


class Separable(Net):
    def __init__(self):
        super().__init__()
        self.depth = nn.Conv2d(64, 64, 3, padding=1, groups=64)
        self.point = nn.Conv2d(64, 64, 1)

    def forward(self, x):
        x = F.relu(self.point(self.depth(self.features(x)))).flatten(1)
        return self.fc2(F.relu(self.fc1(x)))


def build():
    return kit(model=Separable())
