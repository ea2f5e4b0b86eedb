"""Single pixels black or white at random."""

import torch
from referee_corpus.base import kit, train

EXPECTED = {"noise"}
ALSO = {"cutout"}


def spoil(x):
    r = torch.rand(1, 32, 32)
    return torch.where(r < 0.03, torch.zeros(()), torch.where(r > 0.97, torch.ones(()), x))


def build():
    return kit(train_loader=train(spoil))
