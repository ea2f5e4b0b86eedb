"""Class-balanced weights computed from unequal counts."""

import torch
from referee_corpus.base import CLASSES, Pictures, kit, pictures, train
from torch import nn

EXPECTED = {"class-weight"}


def build():
    x, y = pictures()
    keep = (y != 3) | (torch.arange(len(y)) % 3 == 0)
    x, y = x[keep], y[keep]
    counts = torch.bincount(y, minlength=CLASSES).float()
    return kit(
        train_loader=train(dataset=Pictures(x, y)),
        criterion=nn.CrossEntropyLoss(weight=counts.sum() / (CLASSES * counts)),
    )
