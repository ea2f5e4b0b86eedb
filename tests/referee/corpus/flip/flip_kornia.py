"""Kornia's flip on single images."""

import kornia.augmentation as K
from referee_corpus.base import kit, train

EXPECTED = {"flip"}


def build():
    flip = K.RandomHorizontalFlip(p=0.5)
    return kit(train_loader=train(lambda x: flip(x)[0]))
