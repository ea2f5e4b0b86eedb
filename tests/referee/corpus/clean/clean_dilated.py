"""Holes in the second kernel, and a stride in the first."""

from referee_corpus.base import kit
from torch import nn


def build():
    model = nn.Sequential(
        nn.Conv2d(3, 24, 4, stride=2),
        nn.ELU(),
        nn.Conv2d(24, 48, 3, dilation=2),
        nn.ELU(),
        nn.AdaptiveMaxPool2d(4),
        nn.Flatten(),
        nn.Linear(48 * 16, 10),
    )
    return kit(model=model)
