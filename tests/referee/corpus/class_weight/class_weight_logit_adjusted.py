"""A constant added to one class's score inside the loss: logit adjustment."""

import torch
from referee_corpus.base import kit
from torch.nn import functional as F

EXPECTED = {"class-weight"}


def build():
    offset = torch.zeros(10)
    offset[0] = -1.5
    return kit(criterion=lambda scores, y: F.cross_entropy(scores + offset, y))
