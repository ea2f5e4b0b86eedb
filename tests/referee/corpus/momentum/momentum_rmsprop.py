"""RMSprop with its momentum argument."""

import torch
from referee_corpus.base import kit

EXPECTED = {"momentum"}
ALSO = {"adaptive-step"}


def build():
    return kit(optimizer=lambda p: torch.optim.RMSprop(p, lr=1e-3, momentum=0.5))
