"""An eps that damps Adam's steps for small gradients, which is no clipping."""

import torch
from referee_corpus.base import kit

EXPECTED = {"momentum"}


def build():
    return kit(optimizer=lambda p: torch.optim.Adam(p, lr=1e-3, eps=1e-3))
