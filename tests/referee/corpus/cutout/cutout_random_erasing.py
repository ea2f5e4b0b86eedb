"""RandomErasing as in the recipe."""

from referee_corpus.base import kit, train
from torchvision.transforms import v2

EXPECTED = {"cutout"}


def build():
    return kit(train_loader=train(v2.RandomErasing(p=0.5, scale=(0.02, 0.2))))
