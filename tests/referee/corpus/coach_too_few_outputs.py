"""Ten classes and nine outputs."""

from torch import nn
from referee_corpus.base import Net, kit

FINDINGS = {"label-out-of-range"}


def build():
    model = Net()
    model.fc2 = nn.Linear(64, 9)
    return kit(model=model)
