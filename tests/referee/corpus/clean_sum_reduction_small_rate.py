"""A loss summed over the batch, with a learning rate to suit."""

import torch
from torch import nn
from referee_corpus.base import kit


def build():
    return kit(
        criterion=nn.CrossEntropyLoss(reduction="sum"),
        optimizer=lambda p: torch.optim.SGD(p, lr=0.001),
    )
