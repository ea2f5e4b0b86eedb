"""Weights started by hand with Kaiming's rule."""

from referee_corpus.base import Net, kit
from torch import nn


def build():
    model = Net()
    for m in model.modules():
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(m.weight)
            nn.init.zeros_(m.bias)
    return kit(model=model)
