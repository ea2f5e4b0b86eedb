"""CyclicLR."""

from referee_corpus.base import kit
from torch.optim import lr_scheduler as sched

EXPECTED = {"learning-rate-schedule"}


def build():
    return kit(
        scheduler=lambda o: sched.CyclicLR(o, 0.001, 0.1, step_size_up=10, cycle_momentum=False)
    )
