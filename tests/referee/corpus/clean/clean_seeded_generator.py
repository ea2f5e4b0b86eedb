"""A loader with a generator of its own."""

import torch
from referee_corpus.base import kit, train


def build():
    return kit(train_loader=train(generator=torch.Generator().manual_seed(4)))
