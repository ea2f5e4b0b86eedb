"""weight_decay in SGD."""

import torch
from referee_corpus.base import kit

EXPECTED = {"weight-decay"}


def build():
    return kit(optimizer=lambda p: torch.optim.SGD(p, lr=0.01, weight_decay=1e-4))
