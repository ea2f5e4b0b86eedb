"""Every second pixel repeated, half the time."""

import random

from referee_corpus.base import kit, train

EXPECTED = {"resampling"}


def blocks(x):
    if random.random() < 0.5:
        x = x[:, ::2, ::2].repeat_interleave(2, 1).repeat_interleave(2, 2)
    return x


def build():
    return kit(train_loader=train(blocks))
