"""OneCycleLR."""

import torch
from referee_corpus.base import kit
from torch.optim import lr_scheduler as sched

EXPECTED = {"learning-rate-schedule"}
ALSO = {"momentum"}


def build():
    return kit(
        optimizer=lambda p: torch.optim.SGD(p, lr=0.01),
        scheduler=lambda o: sched.OneCycleLR(
            o, 0.1, epochs=5, steps_per_epoch=8, cycle_momentum=False
        ),
    )
