"""Adam whose first beta is zero has no momentum."""

import torch
from referee_corpus.base import kit

ALSO = {"adaptive-step"}


def build():
    return kit(optimizer=lambda p: torch.optim.Adam(p, lr=0.001, betas=(0.0, 0.999)))
