"""A student's optimizer that keeps a buffer."""

import torch
from referee_corpus.base import kit

EXPECTED = {"momentum"}


class Heavy(torch.optim.Optimizer):
    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})
        self.velocity = {}

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                v = self.velocity.get(p, torch.zeros_like(p))
                v = 0.9 * v + p.grad
                self.velocity[p] = v
                p -= group["lr"] * v


def build():
    return kit(optimizer=lambda p: Heavy(p, 0.01))
