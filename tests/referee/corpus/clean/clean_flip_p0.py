"""A flip that never happens."""

from referee_corpus.base import kit, train
from torchvision.transforms import v2


def build():
    return kit(train_loader=train(v2.RandomHorizontalFlip(p=0)))
