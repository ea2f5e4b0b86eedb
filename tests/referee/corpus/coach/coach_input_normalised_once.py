"""Only the training images are normalised."""

from referee_corpus.base import kit, train
from torchvision.transforms import v2

FINDINGS = {"input-range"}


def build():
    return kit(train_loader=train(v2.Normalize([0.5] * 3, [0.1] * 3)))
