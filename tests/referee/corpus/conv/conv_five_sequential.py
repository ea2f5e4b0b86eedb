"""Five convolutions in nn.Sequential."""

from referee_corpus.base import kit
from torch import nn

EXPECTED = {"convolution": 3}


def build():
    layers, width = [], 3
    for out in (16, 16, 32, 32, 64):
        layers += [nn.Conv2d(width, out, 3, padding=1), nn.ReLU()]
        width = out
    return kit(
        model=nn.Sequential(*layers, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(256, 10))
    )
