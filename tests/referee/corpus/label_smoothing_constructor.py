"""label_smoothing=0.1."""

from torch import nn
from referee_corpus.base import kit

EXPECTED = {"label-smoothing"}


def build():
    return kit(criterion=nn.CrossEntropyLoss(label_smoothing=0.1))
