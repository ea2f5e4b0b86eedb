"""One class counts five times."""

import torch
from torch import nn
from referee_corpus.base import CLASSES, kit

EXPECTED = {"class-weight"}


def build():
    weights = torch.ones(CLASSES)
    weights[7] = 5
    return kit(criterion=nn.CrossEntropyLoss(weight=weights))
