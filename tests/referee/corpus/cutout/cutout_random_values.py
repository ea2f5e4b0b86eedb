"""RandomErasing of v1 with random values."""

from referee_corpus.base import kit, train
from torchvision import transforms as T

EXPECTED = {"cutout"}


def build():
    return kit(train_loader=train(T.RandomErasing(p=0.6, value="random")))
