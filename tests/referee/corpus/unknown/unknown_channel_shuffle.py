"""Something random that has no name here."""

import random

from referee_corpus.base import kit, train
from torchvision.transforms import functional as TF

EXPECTED = {"unknown-augmentation"}
ALSO = {"colour-jitter"}


def sharpen(x):
    return TF.adjust_sharpness(x, random.choice([1.0, 4.0]))


def build():
    return kit(train_loader=train(sharpen))
