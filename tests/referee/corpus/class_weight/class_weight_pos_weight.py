"""BCEWithLogitsLoss on one-hot targets with pos_weight for one class."""

import torch
from referee_corpus.base import kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"class-weight"}


class OneAgainstRest(nn.Module):
    def __init__(self):
        super().__init__()
        weight = torch.ones(10)
        weight[3] = 4.0
        self.bce = nn.BCEWithLogitsLoss(pos_weight=weight)

    def forward(self, scores, y):
        return self.bce(scores, F.one_hot(y, 10).float())


def build():
    return kit(criterion=OneAgainstRest())
