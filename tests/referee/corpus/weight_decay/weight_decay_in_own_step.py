"""A student's optimizer that shrinks the weights in its step."""

import torch
from referee_corpus.base import kit

EXPECTED = {"weight-decay"}


class Shrink(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01, wd=1e-3):
        super().__init__(params, {"lr": lr, "wd": wd})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                p.mul_(1 - group["lr"] * group["wd"])
                p.sub_(group["lr"] * p.grad)


def build():
    return kit(optimizer=lambda p: Shrink(p))
