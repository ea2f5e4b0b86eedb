"""label_smoothing=0.1."""

from referee_corpus.base import kit
from torch import nn

EXPECTED = {"label-smoothing"}


def build():
    return kit(criterion=nn.CrossEntropyLoss(label_smoothing=0.1))
