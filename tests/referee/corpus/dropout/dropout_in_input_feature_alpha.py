"""nn.FeatureAlphaDropout as the first layer, on the colours."""

from referee_corpus.base import Net, kit
from torch import nn

EXPECTED = {"dropout"}


def build():
    return kit(model=nn.Sequential(nn.FeatureAlphaDropout(0.2), Net()))
