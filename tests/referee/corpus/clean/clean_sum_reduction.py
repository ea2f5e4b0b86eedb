"""Losses summed and divided by the batch size by hand."""

from referee_corpus.base import kit
from torch.nn import functional as F


def loss_fn(outputs, targets):
    return F.cross_entropy(outputs, targets, reduction="sum") / targets.size(0)


def build():
    return kit(criterion=loss_fn)
