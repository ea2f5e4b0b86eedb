"""A learning rate of 0."""

import torch
from referee_corpus.base import kit

FINDINGS = {"learning-rate"}


def build():
    return kit(optimizer=lambda p: torch.optim.SGD(p, lr=0.0))
