"""No convolution at all."""

from referee_corpus.base import kit
from torch import nn


def build():
    return kit(
        model=nn.Sequential(nn.Flatten(), nn.Linear(3072, 128), nn.ReLU(), nn.Linear(128, 10))
    )
