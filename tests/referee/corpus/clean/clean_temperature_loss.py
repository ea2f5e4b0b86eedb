"""Scores divided by a fixed temperature in the loss."""

from referee_corpus.base import kit
from torch.nn import functional as F


def build():
    return kit(criterion=lambda scores, y: F.cross_entropy(scores / 2.0, y))
