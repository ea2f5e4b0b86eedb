"""Twice as many outputs as there are classes."""

from referee_corpus.base import Net, kit
from torch import nn

FINDINGS = {"too-many-outputs"}


def build():
    model = Net()
    model.fc2 = nn.Linear(64, 20)
    return kit(model=model, classes=10)
