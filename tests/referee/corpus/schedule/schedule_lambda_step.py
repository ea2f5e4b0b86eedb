"""LambdaLR that halves every three epochs: step decay in other words."""

from referee_corpus.base import kit
from torch.optim.lr_scheduler import LambdaLR

EXPECTED = {"learning-rate-decay"}


def build():
    return kit(scheduler=lambda o: LambdaLR(o, lambda epoch: 0.5 ** (epoch // 3)))
