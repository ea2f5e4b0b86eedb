"""Twice as many outputs as there are classes."""

from torch import nn
from referee_corpus.base import Net, kit

FINDINGS = {"too-many-outputs"}


def build():
    model = Net()
    model.fc2 = nn.Linear(64, 20)
    return kit(model=model, classes=10)
