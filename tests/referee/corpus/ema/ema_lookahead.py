"""Lookahead: slow weights pulled along every five steps, by a wrapper."""

import torch
from referee_corpus.base import kit

EXPECTED = {"ema"}


class Lookahead(torch.optim.SGD):
    def __init__(self, params, lr, k=5, alpha=0.5):
        super().__init__(params, lr=lr)
        self.k, self.alpha, self.count = k, alpha, 0
        self.slow = [p.detach().clone() for g in self.param_groups for p in g["params"]]

    def step(self, closure=None):
        loss = super().step(closure)
        self.count += 1
        if self.count % self.k == 0:
            with torch.no_grad():
                fast = [p for g in self.param_groups for p in g["params"]]
                for slow, p in zip(self.slow, fast):
                    slow += self.alpha * (p - slow)
                    p.copy_(slow)
        return loss


def build():
    return kit(optimizer=lambda p: Lookahead(p, 0.01))
