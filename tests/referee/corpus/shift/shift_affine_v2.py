"""RandomAffine that only translates."""

from referee_corpus.base import kit, train
from torchvision.transforms import v2

EXPECTED = {"shift"}


def build():
    return kit(train_loader=train(v2.RandomAffine(degrees=0, translate=(0.1, 0.1))))
