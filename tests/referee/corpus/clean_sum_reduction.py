"""Losses summed and divided by the batch size by hand."""

from torch.nn import functional as F
from referee_corpus.base import kit


def loss_fn(outputs, targets):
    return F.cross_entropy(outputs, targets, reduction="sum") / targets.size(0)


def build():
    return kit(criterion=loss_fn)
