"""nn.Dropout2d as the first layer, on the colours."""

from referee_corpus.base import Net, kit
from torch import nn

EXPECTED = {"dropout"}


def build():
    return kit(model=nn.Sequential(nn.Dropout2d(0.2), Net()))
