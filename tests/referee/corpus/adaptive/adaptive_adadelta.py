"""Adadelta with its defaults: its steps grow with the gradient at first, and are not clipped."""

import torch
from referee_corpus.base import kit

EXPECTED = {"adaptive-step"}


def build():
    return kit(optimizer=torch.optim.Adadelta)
