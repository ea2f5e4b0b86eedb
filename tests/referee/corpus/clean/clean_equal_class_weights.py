"""Class weights that are all the same."""

import torch
from referee_corpus.base import CLASSES, kit
from torch import nn


def build():
    return kit(criterion=nn.CrossEntropyLoss(weight=torch.ones(CLASSES) * 2))
