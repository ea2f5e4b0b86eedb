"""A scheduler that was made, and neither passed nor stepped."""

from referee_corpus.base import kit
from torch.optim import lr_scheduler as sched


def build():
    parts = kit()
    parts["keep"] = None
    del parts["keep"]
    build.scheduler = sched.StepLR(parts["optimizer"], 5)
    return parts
