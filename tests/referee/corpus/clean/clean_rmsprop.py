"""RMSprop without momentum: adaptive, and a pack may free that."""

import torch
from referee_corpus.base import kit

ALSO = {"adaptive-step"}


def build():
    return kit(optimizer=lambda p: torch.optim.RMSprop(p, lr=0.001))
