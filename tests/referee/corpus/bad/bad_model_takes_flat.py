"""A model for flat 28x28 images gets 32x32 ones."""

from referee_corpus.base import kit
from torch import nn

UNKNOWN = True
FINDINGS = {"unreadable"}


def build():
    return kit(model=nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10)))
