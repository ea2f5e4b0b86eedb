"""Class weights in a student's own loss."""

import torch
from referee_corpus.base import kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"class-weight"}


class Weighted(nn.Module):
    def forward(self, outputs, targets):
        each = F.cross_entropy(outputs, targets, reduction="none")
        factor = torch.where(targets == 7, 5.0, 1.0)
        return (each * factor).mean()


def build():
    return kit(criterion=Weighted())
