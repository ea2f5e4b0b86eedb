"""nn.Dropout as the first layer, on the pixels."""

from referee_corpus.base import Net, kit
from torch import nn

EXPECTED = {"dropout"}


def build():
    return kit(model=nn.Sequential(nn.Dropout(0.2), Net()))
