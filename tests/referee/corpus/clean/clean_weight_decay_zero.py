"""weight_decay=0 written out."""

import torch
from referee_corpus.base import kit


def build():
    return kit(optimizer=lambda p: torch.optim.SGD(p, lr=0.01, weight_decay=0, momentum=0))
