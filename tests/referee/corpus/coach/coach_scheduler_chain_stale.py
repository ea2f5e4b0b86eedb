"""A chain of schedulers that belongs to the optimizer of an earlier cell."""

import torch
from referee_corpus.base import Net, kit
from torch.optim.lr_scheduler import LinearLR, SequentialLR, StepLR

FINDINGS = {"scheduler-other-optimizer"}


def build():
    model = Net()
    old = torch.optim.SGD(model.parameters(), lr=0.1)
    plan = SequentialLR(old, [LinearLR(old), StepLR(old, 3)], [2])
    return kit(model=model, optimizer=torch.optim.SGD(model.parameters(), lr=0.01), scheduler=plan)


ALSO = {"learning-rate-schedule", "learning-rate-decay"}
