"""Brightness multiplied by a random number."""

import random

from referee_corpus.base import kit, train

EXPECTED = {"colour-jitter"}


def build():
    return kit(train_loader=train(lambda x: (x * random.uniform(0.7, 1.3)).clamp(0, 1)))
