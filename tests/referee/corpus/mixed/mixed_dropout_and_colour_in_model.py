"""A model that jitters its images' colours, then drops some of their pixels."""

from referee_corpus.base import Net, kit
from torch import nn
from torchvision.transforms import v2

EXPECTED = {"dropout", "colour-jitter"}


def build():
    return kit(model=nn.Sequential(v2.ColorJitter(brightness=0.4), nn.Dropout(0.2), Net()))
