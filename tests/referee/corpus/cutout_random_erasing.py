"""RandomErasing as in the recipe."""

from torchvision.transforms import v2
from referee_corpus.base import kit, train

EXPECTED = {"cutout"}


def build():
    return kit(train_loader=train(v2.RandomErasing(p=0.5, scale=(0.02, 0.2))))
