"""Log-softmax with NLLLoss belong together."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F


class Log(Net):
    def forward(self, x):
        return F.log_softmax(super().forward(x), dim=1)


def build():
    return kit(model=Log(), criterion=nn.NLLLoss())
