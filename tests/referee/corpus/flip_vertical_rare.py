"""A vertical flip of one image in five."""

from torchvision.transforms import v2
from referee_corpus.base import kit, train

EXPECTED = {"flip"}


def build():
    return kit(train_loader=train(v2.RandomVerticalFlip(p=0.2)))
