"""A schedule drawn for a plot with a dummy optimizer of its own."""

import torch
from referee_corpus.base import kit


def build():
    dummy = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(dummy, 20)
    curve = []
    for _ in range(20):
        curve.append(plan.get_last_lr()[0])
        dummy.step()
        plan.step()
    return kit(names={"curve": curve, "plan": plan, "dummy": dummy})
