"""The loss lowers the optimizer's rate each time it is called."""

from referee_corpus.base import kit
from torch import nn

EXPECTED = {"learning-rate-schedule"}
ALSO = {"learning-rate-decay"}


def build():
    parts = kit()
    optimizer = parts["optimizer"]

    class Loss(nn.CrossEntropyLoss):
        def forward(self, x, y):
            optimizer.param_groups[0]["lr"] *= 0.999
            return super().forward(x, y)

    parts["criterion"] = Loss()
    return parts
