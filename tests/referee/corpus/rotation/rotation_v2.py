"""RandomRotation(15) of v2."""

from referee_corpus.base import kit, train
from torchvision.transforms import v2

EXPECTED = {"rotation"}


def build():
    return kit(train_loader=train(v2.RandomRotation(15)))
