"""AlphaDropout."""

from referee_corpus.base import kit
from torch import nn

EXPECTED = {"dropout"}


def build():
    return kit(
        model=nn.Sequential(
            nn.Conv2d(3, 16, 3),
            nn.SELU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.AlphaDropout(0.2),
            nn.Linear(3600, 10),
        )
    )
