"""A student's own RandAugment: two operations out of a list."""

import random

from referee_corpus.base import kit, train
from torchvision.transforms import functional as TF

EXPECTED = {"rotation", "flip", "colour-jitter"}
ALSO = {"rand-augment", "blur", "shift"}
OPERATIONS = [
    lambda x: TF.rotate(x, random.uniform(-20, 20)),
    TF.hflip,
    lambda x: TF.adjust_brightness(x, random.uniform(0.6, 1.4)),
]


def augment(x):
    for operation in random.sample(OPERATIONS, 2):
        x = operation(x)
    return x


def build():
    return kit(train_loader=train(augment))
