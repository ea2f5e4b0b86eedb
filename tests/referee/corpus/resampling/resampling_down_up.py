"""Scaled down and up again by a random factor."""

import random

from referee_corpus.base import kit, train
from torchvision.transforms import functional as TF

EXPECTED = {"resampling"}


def coarse(x):
    s = random.choice([12, 16, 24, 32])
    return TF.resize(TF.resize(x, [s, s], antialias=True), [32, 32], antialias=True)


def build():
    return kit(train_loader=train(coarse))
