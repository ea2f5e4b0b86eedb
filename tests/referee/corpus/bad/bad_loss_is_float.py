"""A criterion that returns .item()."""

from referee_corpus.base import kit
from torch.nn import functional as F

FINDINGS = {"targets-mismatch"}


def build():
    return kit(criterion=lambda x, y: F.cross_entropy(x, y).item())
