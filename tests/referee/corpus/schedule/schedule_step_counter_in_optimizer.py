"""An optimizer whose own step divides the rate by its count."""

import torch
from referee_corpus.base import kit

EXPECTED = {"learning-rate-schedule"}
ALSO = {"learning-rate-decay"}


class Fading(torch.optim.SGD):
    def __init__(self, params, lr):
        super().__init__(params, lr=lr)
        self.t = 0
        self.first = lr

    def step(self, closure=None):
        self.t += 1
        for g in self.param_groups:
            g["lr"] = self.first / (1 + 0.1 * self.t)
        return super().step(closure)


def build():
    return kit(optimizer=lambda p: Fading(p, 0.05))
