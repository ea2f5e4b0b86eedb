"""Class weights that are all the same."""

import torch
from torch import nn
from referee_corpus.base import CLASSES, kit


def build():
    return kit(criterion=nn.CrossEntropyLoss(weight=torch.ones(CLASSES) * 2))
