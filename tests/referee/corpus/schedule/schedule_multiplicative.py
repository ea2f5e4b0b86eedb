"""MultiplicativeLR with a constant factor."""

from referee_corpus.base import kit
from torch.optim import lr_scheduler as sched

EXPECTED = {"learning-rate-decay"}


def build():
    return kit(scheduler=lambda o: sched.MultiplicativeLR(o, lambda epoch: 0.97))
