"""nn.FeatureAlphaDropout as the first layer, on the colours."""

from torch import nn
from referee_corpus.base import Net, kit

EXPECTED = {"dropout"}


def build():
    return kit(model=nn.Sequential(nn.FeatureAlphaDropout(0.2), Net()))
