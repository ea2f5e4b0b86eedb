"""One image in five turned grey."""

from torchvision.transforms import v2
from referee_corpus.base import kit, train

EXPECTED = {"colour-jitter"}


def build():
    return kit(train_loader=train(v2.RandomGrayscale(0.2)))
