"""RandomAffine that only scales."""

from referee_corpus.base import kit, train
from torchvision import transforms as T

EXPECTED = {"resampling"}


def build():
    return kit(train_loader=train(T.RandomAffine(0, scale=(0.8, 1.2))))
