"""No convolution at all."""

from torch import nn
from referee_corpus.base import kit


def build():
    return kit(
        model=nn.Sequential(nn.Flatten(), nn.Linear(3072, 128), nn.ReLU(), nn.Linear(128, 10))
    )
