"""A scheduler that was stepped between two runs, and not passed."""

from referee_corpus.base import kit
from torch.optim import lr_scheduler as sched

EXPECTED = {"learning-rate-decay"}


def build():
    parts = kit()
    build.scheduler = sched.StepLR(parts["optimizer"], 2, 0.5)
    for _ in range(3):
        parts["optimizer"].step()
        build.scheduler.step()
    return parts
