"""RMSprop with an eps as in TensorFlow's models: adaptive, and no clipping."""

import torch
from referee_corpus.base import kit

EXPECTED = {"adaptive-step"}


def build():
    return kit(optimizer=lambda p: torch.optim.RMSprop(p, lr=1e-3, eps=1e-3))
