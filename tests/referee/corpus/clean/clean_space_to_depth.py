"""Pixels moved into channels first, then two convolutions."""

from referee_corpus.base import kit
from torch import nn


def build():
    model = nn.Sequential(
        nn.PixelUnshuffle(2),
        nn.Conv2d(12, 32, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 64, 10),
    )
    return kit(model=model)
