"""A loss summed over the batch, with a learning rate to suit."""

import torch
from referee_corpus.base import kit
from torch import nn


def build():
    return kit(
        criterion=nn.CrossEntropyLoss(reduction="sum"),
        optimizer=lambda p: torch.optim.SGD(p, lr=0.001),
    )
