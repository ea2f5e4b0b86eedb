"""Only the training images are normalised."""

from torchvision.transforms import v2
from referee_corpus.base import kit, train

FINDINGS = {"input-range"}


def build():
    return kit(train_loader=train(v2.Normalize([0.5] * 3, [0.1] * 3)))
