"""Colour channels put in random order."""

import torch
from referee_corpus.base import kit, train

EXPECTED = {"colour-jitter"}


def build():
    return kit(train_loader=train(lambda x: x[torch.randperm(3)]))
