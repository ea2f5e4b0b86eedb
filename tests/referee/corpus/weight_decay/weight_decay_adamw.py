"""AdamW's silent default."""

import torch
from referee_corpus.base import kit

EXPECTED = {"weight-decay", "momentum"}


def build():
    return kit(optimizer=lambda p: torch.optim.AdamW(p, lr=1e-3))
