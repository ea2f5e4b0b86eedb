"""A learning rate that is off by eight orders of magnitude."""

import torch
from referee_corpus.base import kit

FINDINGS = {"learning-rate"}


def build():
    return kit(optimizer=lambda p: torch.optim.SGD(p, lr=1e-9))
