"""RandomCrop with padding, as for CIFAR."""

from referee_corpus.base import kit, train
from torchvision.transforms import v2

EXPECTED = {"shift"}
ALSO = {"resampling"}


def build():
    return kit(train_loader=train(v2.RandomCrop(32, padding=4)))
