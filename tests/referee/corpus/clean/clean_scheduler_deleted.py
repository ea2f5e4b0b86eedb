"""A scheduler that was made and deleted again."""

from referee_corpus.base import kit
from torch.optim import lr_scheduler as sched


def build():
    parts = kit()
    scheduler = sched.CosineAnnealingLR(parts["optimizer"], 10)
    del scheduler
    return parts
