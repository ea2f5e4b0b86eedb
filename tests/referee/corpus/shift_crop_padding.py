"""RandomCrop with padding, as for CIFAR."""

from torchvision.transforms import v2
from referee_corpus.base import kit, train

EXPECTED = {"shift"}
ALSO = {"resampling"}


def build():
    return kit(train_loader=train(v2.RandomCrop(32, padding=4)))
