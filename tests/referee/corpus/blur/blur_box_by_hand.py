"""A mean over 3x3 neighbours, half the time."""

import random

from referee_corpus.base import kit, train
from torch.nn import functional as F

EXPECTED = {"blur"}


def soften(x):
    if random.random() < 0.5:
        x = F.avg_pool2d(x[None], 3, stride=1, padding=1, count_include_pad=False)[0]
    return x


def build():
    return kit(train_loader=train(soften))
