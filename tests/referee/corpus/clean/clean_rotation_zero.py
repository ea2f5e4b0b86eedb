"""Augmentations left in the list with nothing to do."""

from referee_corpus.base import kit, train
from torchvision.transforms import v2

nothing = v2.Compose(
    [
        v2.RandomRotation(0),
        v2.RandomAffine(0),
        v2.ColorJitter(),
        v2.RandomApply([v2.GaussianBlur(3)], p=0.0),
        v2.RandomErasing(p=0),
        v2.RandomCrop(32),
    ]
)


def build():
    return kit(train_loader=train(nothing))
