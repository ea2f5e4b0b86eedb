"""The scheduler was built on an earlier optimizer."""

import torch
from referee_corpus.base import kit
from torch.optim import lr_scheduler as sched

FINDINGS = {"scheduler-other-optimizer"}


def build():
    parts = kit()
    old = torch.optim.SGD(parts["model"].parameters(), lr=0.01)
    parts["scheduler"] = sched.StepLR(old, 5)
    return parts
