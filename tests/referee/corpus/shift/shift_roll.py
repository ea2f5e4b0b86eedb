"""torch.roll by a random number of pixels."""

import random

import torch
from referee_corpus.base import kit, train

EXPECTED = {"shift"}


def build():
    return kit(
        train_loader=train(
            lambda x: torch.roll(
                x, shifts=(random.randint(-3, 3), random.randint(-3, 3)), dims=(1, 2)
            )
        )
    )
