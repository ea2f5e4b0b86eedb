"""A criterion that returns .item()."""

from torch.nn import functional as F
from referee_corpus.base import kit

FINDINGS = {"targets-mismatch"}


def build():
    return kit(criterion=lambda x, y: F.cross_entropy(x, y).item())
