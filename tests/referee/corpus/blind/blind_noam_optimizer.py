"""A wrapper class that looks like an optimizer and steps the rate itself."""

import torch
from referee_corpus.base import kit

EXPECTED = {"learning-rate-schedule", "momentum"}


class Noam(torch.optim.Adam):
    def __init__(self, params, factor=1.0, warmup=100):
        super().__init__(params, lr=1e-3)
        self.factor, self.warmup, self.n = factor, warmup, 0

    def step(self, closure=None):
        self.n += 1
        for group in self.param_groups:
            group["lr"] = self.factor * min(self.n**-0.5, self.n * self.warmup**-1.5) * 0.1
        return super().step(closure)


def build():
    return kit(optimizer=lambda p: Noam(p))
