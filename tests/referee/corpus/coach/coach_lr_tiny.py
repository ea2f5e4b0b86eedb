"""A learning rate far too low."""

import torch
from referee_corpus.base import kit

FINDINGS = {"learning-rate"}


def build():
    return kit(optimizer=lambda p: torch.optim.SGD(p, lr=1e-6))
