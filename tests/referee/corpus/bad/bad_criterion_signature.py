"""A criterion with a strange signature."""

from referee_corpus.base import kit
from torch.nn import functional as F

FINDINGS = {"targets-mismatch"}


def loss(model, outputs, targets):
    return F.cross_entropy(outputs, targets)


def build():
    return kit(criterion=loss)
