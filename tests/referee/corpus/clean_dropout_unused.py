"""A dropout layer that is defined and never called."""

from torch import nn
from referee_corpus.base import Net, kit


class Forgotten(Net):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)


def build():
    return kit(model=Forgotten())
