"""ConstantLR, which is low for some epochs."""

from referee_corpus.base import kit
from torch.optim import lr_scheduler as sched

EXPECTED = {"learning-rate-schedule"}


def build():
    return kit(scheduler=lambda o: sched.ConstantLR(o, 0.3, 5))
