"""MultiplicativeLR with a constant factor."""

from torch.optim import lr_scheduler as sched
from referee_corpus.base import kit

EXPECTED = {"learning-rate-decay"}


def build():
    return kit(scheduler=lambda o: sched.MultiplicativeLR(o, lambda epoch: 0.97))
