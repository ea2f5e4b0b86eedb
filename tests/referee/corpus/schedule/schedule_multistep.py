"""MultiStepLR."""

from referee_corpus.base import kit
from torch.optim import lr_scheduler as sched

EXPECTED = {"learning-rate-decay"}


def build():
    return kit(scheduler=lambda o: sched.MultiStepLR(o, [30, 45], 0.2))
