"""Class-balanced weights computed from counts that happen to be equal."""

import torch
from referee_corpus.base import CLASSES, kit, pictures
from torch import nn


def build():
    _, y = pictures()
    counts = torch.bincount(y, minlength=CLASSES).float()
    return kit(criterion=nn.CrossEntropyLoss(weight=counts.sum() / (CLASSES * counts)))
