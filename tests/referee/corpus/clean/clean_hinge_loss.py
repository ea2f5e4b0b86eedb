"""A multi-class hinge loss."""

from referee_corpus.base import kit
from torch import nn


def build():
    return kit(criterion=nn.MultiMarginLoss())
