"""A flip that never happens."""

from torchvision.transforms import v2
from referee_corpus.base import kit, train


def build():
    return kit(train_loader=train(v2.RandomHorizontalFlip(p=0)))
