"""The validation pipeline was copied from training and keeps its random crop."""

from referee_corpus.base import kit, train, val
from torchvision.transforms import v2

EXPECTED = {"shift"}
FINDINGS = {"validation-augmented"}


def build():
    noisy = v2.RandomCrop(32, padding=4)
    return kit(train_loader=train(noisy), val_loader=val(noisy))
