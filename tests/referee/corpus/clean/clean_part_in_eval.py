"""Features set to evaluation and frozen by hand; their dropout never acts."""

from referee_corpus.base import Net, kit
from torch import nn


class Frozen(Net):
    def __init__(self):
        super().__init__()
        self.quiet = nn.Dropout(0.5)

    def train(self, mode=True):
        super().train(mode)
        self.quiet.eval()
        return self

    def features(self, x):
        return self.quiet(super().features(x)) if hasattr(self, "quiet") else super().features(x)


def build():
    return kit(model=Frozen())
