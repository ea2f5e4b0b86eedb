"""NAdam with decoupled decay."""

import torch
from referee_corpus.base import kit

EXPECTED = {"weight-decay", "momentum"}
ALSO = {"adaptive-step", "learning-rate-schedule", "learning-rate-decay"}


def build():
    return kit(
        optimizer=lambda p: torch.optim.NAdam(
            p, lr=1e-3, weight_decay=1e-2, decoupled_weight_decay=True
        )
    )
