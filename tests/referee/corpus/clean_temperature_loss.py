"""Scores divided by a fixed temperature in the loss."""

from torch.nn import functional as F
from referee_corpus.base import kit


def build():
    return kit(criterion=lambda scores, y: F.cross_entropy(scores / 2.0, y))
