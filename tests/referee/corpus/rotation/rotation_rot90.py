"""Quarter turns with torch.rot90."""

import random

import torch
from referee_corpus.base import kit, train

EXPECTED = {"rotation"}


def build():
    return kit(train_loader=train(lambda x: torch.rot90(x, random.randint(0, 3), (1, 2))))
