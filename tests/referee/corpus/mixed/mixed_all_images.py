"""Everything that the shop sells for images at once."""

from referee_corpus.base import kit, train
from torchvision.transforms import v2

EXPECTED = {"flip", "rotation", "shift", "blur", "cutout", "resampling"}


def build():
    t = v2.Compose(
        [
            v2.RandomHorizontalFlip(),
            v2.RandomRotation(15),
            v2.RandomAffine(0, translate=(0.1, 0.1)),
            v2.RandomResizedCrop(32, scale=(0.6, 1)),
            v2.GaussianBlur(5, (0.5, 2)),
            v2.RandomErasing(0.5),
        ]
    )
    return kit(train_loader=train(t))
