"""One class counts five times."""

import torch
from referee_corpus.base import CLASSES, kit
from torch import nn

EXPECTED = {"class-weight"}


def build():
    weights = torch.ones(CLASSES)
    weights[7] = 5
    return kit(criterion=nn.CrossEntropyLoss(weight=weights))
