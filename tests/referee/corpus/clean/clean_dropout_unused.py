"""A dropout layer that is defined and never called."""

from referee_corpus.base import Net, kit
from torch import nn


class Forgotten(Net):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)


def build():
    return kit(model=Forgotten())
