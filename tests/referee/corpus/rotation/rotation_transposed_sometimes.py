"""Rows and columns swapped half the time: a turn and a mirror in one."""

import torch
from referee_corpus.base import kit, train

EXPECTED = {"rotation"}
ALSO = {"flip"}


def build():
    return kit(train_loader=train(lambda x: x.transpose(1, 2) if torch.rand(()) < 0.5 else x))
