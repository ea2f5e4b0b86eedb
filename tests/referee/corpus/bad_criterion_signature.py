"""A criterion with a strange signature."""

from torch.nn import functional as F
from referee_corpus.base import kit

FINDINGS = {"targets-mismatch"}


def loss(model, outputs, targets):
    return F.cross_entropy(outputs, targets)


def build():
    return kit(criterion=loss)
