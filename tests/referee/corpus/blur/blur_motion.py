"""Motion blur: the mean of a few copies moved along a row."""

import random

from referee_corpus.base import kit, train

EXPECTED = {"blur"}
ALSO = {"shift"}


def motion(x):
    n = random.choice([1, 1, 3, 5])
    return sum(x.roll(k - n // 2, dims=-1) for k in range(n)) / n


def build():
    return kit(train_loader=train(motion))
