"""ChainedScheduler."""

from referee_corpus.base import kit
from torch.optim import lr_scheduler as sched

EXPECTED = {"learning-rate-schedule"}


def build():
    return kit(
        scheduler=lambda o: sched.ChainedScheduler(
            [sched.ConstantLR(o, 0.1, 3), sched.ExponentialLR(o, 0.9)]
        )
    )
