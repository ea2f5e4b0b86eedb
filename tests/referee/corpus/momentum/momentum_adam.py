"""Adam's betas."""

import torch
from referee_corpus.base import kit

EXPECTED = {"momentum"}


def build():
    return kit(optimizer=lambda p: torch.optim.Adam(p, lr=1e-3))
