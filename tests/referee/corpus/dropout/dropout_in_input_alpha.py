"""nn.AlphaDropout as the first layer: what is dropped gets a value of its own."""

from referee_corpus.base import Net, kit
from torch import nn

EXPECTED = {"dropout"}


def build():
    return kit(model=nn.Sequential(nn.AlphaDropout(0.2), Net()))
