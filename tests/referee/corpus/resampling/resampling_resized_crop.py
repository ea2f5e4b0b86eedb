"""RandomResizedCrop."""

from referee_corpus.base import kit, train
from torchvision.transforms import v2

EXPECTED = {"resampling"}


def build():
    return kit(train_loader=train(v2.RandomResizedCrop(32, scale=(0.5, 1.0))))
