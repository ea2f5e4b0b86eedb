"""Rprop: the steps of each weight grow and shrink with the signs of its past gradients."""

import torch
from referee_corpus.base import kit

EXPECTED = {"adaptive-step"}


def build():
    return kit(optimizer=lambda weights: torch.optim.Rprop(weights, lr=0.001))
