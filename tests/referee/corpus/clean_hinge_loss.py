"""A multi-class hinge loss."""

from torch import nn
from referee_corpus.base import kit


def build():
    return kit(criterion=nn.MultiMarginLoss())
