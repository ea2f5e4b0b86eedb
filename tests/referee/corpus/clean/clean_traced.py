"""A traced baseline."""

import torch
from referee_corpus.base import Net, kit


def build():
    return kit(model=torch.jit.trace(Net(), torch.rand(2, 3, 32, 32)))
