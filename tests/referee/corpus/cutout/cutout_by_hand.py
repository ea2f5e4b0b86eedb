"""A square set to zero."""

import random

from referee_corpus.base import kit, train

EXPECTED = {"cutout"}


def square(x):
    x = x.clone()
    r, c = random.randint(0, 24), random.randint(0, 24)
    x[:, r : r + 8, c : c + 8] = 0
    return x


def build():
    return kit(train_loader=train(square))
