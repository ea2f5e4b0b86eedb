"""A gated linear unit in the hidden layer."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F


class Gated(Net):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(self.fc1.in_features, 128)

    def forward(self, x):
        return self.fc2(F.glu(self.fc1(self.features(x).flatten(1))))


def build():
    return kit(model=Gated())
