"""A random window enlarged by F.interpolate."""

import random

from referee_corpus.base import kit, train
from torch.nn import functional as F

EXPECTED = {"resampling"}
ALSO = {"shift"}


def zoom(x):
    side = random.randint(20, 32)
    top, left = random.randint(0, 32 - side), random.randint(0, 32 - side)
    window = x[None, :, top : top + side, left : left + side]
    return F.interpolate(window, size=32, mode="bicubic", align_corners=False)[0].clamp(0, 1)


def build():
    return kit(train_loader=train(zoom))
