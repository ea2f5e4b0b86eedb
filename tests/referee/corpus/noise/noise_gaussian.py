"""Gaussian noise on images."""

import torch
from referee_corpus.base import kit, train

EXPECTED = {"noise"}


def build():
    return kit(train_loader=train(lambda x: x + 0.05 * torch.randn_like(x)))
