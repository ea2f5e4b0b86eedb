"""A schedule with a generator inside: triangular waves."""

import itertools

from referee_corpus.base import kit

EXPECTED = {"learning-rate-schedule"}


class Waves:
    def __init__(self, optimizer, low, high, period):
        self.optimizer = optimizer
        up = [low + (high - low) * i / period for i in range(period)]
        self.rates = itertools.cycle(up + up[::-1])

    def step(self):
        rate = next(self.rates)
        for g in self.optimizer.param_groups:
            g["lr"] = rate


def build():
    return kit(scheduler=lambda o: Waves(o, 0.001, 0.02, 4))
