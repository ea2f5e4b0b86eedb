"""ReduceLROnPlateau."""

from referee_corpus.base import kit
from torch.optim import lr_scheduler as sched

EXPECTED = {"learning-rate-schedule"}


def build():
    return kit(scheduler=lambda o: sched.ReduceLROnPlateau(o, patience=3))
