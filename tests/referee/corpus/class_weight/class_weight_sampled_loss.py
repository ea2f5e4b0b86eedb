"""Losses of each image times a weight looked up by class."""

import torch
from referee_corpus.base import kit
from torch.nn import functional as F

EXPECTED = {"class-weight"}
WEIGHTS = torch.tensor([1, 1, 1, 2, 1, 1, 1, 1, 1, 0.5])


def loss(scores, y):
    each = F.cross_entropy(scores, y, reduction="none")
    return (each * WEIGHTS[y]).mean()


def build():
    return kit(criterion=loss)
