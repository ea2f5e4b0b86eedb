"""A model that drops some of its images' pixels and mirrors them."""

from referee_corpus.base import Net, kit
from torch import nn
from torchvision.transforms import v2

EXPECTED = {"dropout", "flip"}


def build():
    return kit(model=nn.Sequential(nn.Dropout2d(0.3), v2.RandomHorizontalFlip(), Net()))
