"""Warm-up, then cosine."""

from referee_corpus.base import kit
from torch.optim import lr_scheduler as sched

EXPECTED = {"learning-rate-schedule"}


def build():
    return kit(
        scheduler=lambda o: sched.SequentialLR(
            o, [sched.LinearLR(o, 0.1, 1, 5), sched.CosineAnnealingLR(o, 25)], [5]
        )
    )
