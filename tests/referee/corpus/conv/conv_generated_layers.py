"""Layers made by a function in a loop and put in an OrderedDict: four of them."""

from collections import OrderedDict

from referee_corpus.base import kit
from torch import nn

EXPECTED = {"convolution": 2}


def block(n, before, after):
    return OrderedDict(
        [(f"conv{n}", nn.Conv2d(before, after, 3, padding=1)), (f"act{n}", nn.SELU())]
    )


def build():
    layers, before = OrderedDict(), 3
    for n, width in enumerate([8, 16, 32, 32]):
        layers.update(block(n, before, width))
        layers[f"pool{n}"] = nn.AvgPool2d(2)
        before = width
    layers["flat"] = nn.Flatten()
    layers["head"] = nn.Linear(32 * 4, 10)
    return kit(model=nn.Sequential(layers))
