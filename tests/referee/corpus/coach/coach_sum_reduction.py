"""A loss summed over the batch, with the learning rate that was right for its mean."""

import torch
from referee_corpus.base import kit, train
from torch import nn

FINDINGS = {"learning-rate"}


def build():
    return kit(
        criterion=nn.CrossEntropyLoss(reduction="sum"),
        optimizer=lambda p: torch.optim.SGD(p, lr=0.1),
        train_loader=train(batch_size=120),
    )
