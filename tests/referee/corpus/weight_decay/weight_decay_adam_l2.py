"""Adam with an L2 term."""

import torch
from referee_corpus.base import kit

EXPECTED = {"weight-decay", "momentum"}


def build():
    return kit(optimizer=lambda p: torch.optim.Adam(p, lr=1e-3, weight_decay=1e-2))
