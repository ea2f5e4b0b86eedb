"""A log-softmax over the batch instead of the classes."""

from referee_corpus.base import Net, kit
from torch.nn import functional as F

FINDINGS = {"double-softmax"}


class WrongAxis(Net):
    def forward(self, x):
        return F.log_softmax(super().forward(x), dim=0)


def build():
    return kit(model=WrongAxis())
