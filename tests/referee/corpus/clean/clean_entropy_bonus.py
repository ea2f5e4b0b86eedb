"""A reward for uncertain scores: a penalty that no item sells."""

from referee_corpus.base import kit
from torch.nn import functional as F


def loss(scores, y):
    log_p = F.log_softmax(scores, 1)
    entropy = -(log_p.exp() * log_p).sum(1).mean()
    return F.nll_loss(log_p, y) - 0.1 * entropy


def build():
    return kit(criterion=loss)
