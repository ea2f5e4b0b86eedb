"""Flip, rotation, shift and erasing as one Compose of v2."""

from referee_corpus.base import kit, train
from torchvision.transforms import v2

EXPECTED = {"flip", "rotation", "shift", "cutout"}


def build():
    t = v2.Compose(
        [
            v2.RandomHorizontalFlip(0.2),
            v2.RandomVerticalFlip(0.2),
            v2.RandomRotation(15),
            v2.RandomAffine(0, translate=(0.1, 0.1)),
            v2.RandomErasing(p=0.5, scale=(0.02, 0.2)),
        ]
    )
    return kit(train_loader=train(t))
