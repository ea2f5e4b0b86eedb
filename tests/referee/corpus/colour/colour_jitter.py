"""ColorJitter."""

from referee_corpus.base import kit, train
from torchvision.transforms import v2

EXPECTED = {"colour-jitter"}


def build():
    return kit(train_loader=train(v2.ColorJitter(0.3, 0.3, 0.3, 0.1)))
