"""A student's own schedule with a step method."""

import math

from referee_corpus.base import kit

EXPECTED = {"learning-rate-schedule"}


class WarmUp:
    def __init__(self, optimizer, top):
        self.optimizer, self.top, self.n = optimizer, top, 0

    def step(self):
        self.n += 1
        for group in self.optimizer.param_groups:
            group["lr"] = (
                self.top * min(1.0, self.n / 10) * (1 + math.cos(min(math.pi, self.n / 20))) / 2
            )


def build():
    return kit(scheduler=lambda o: WarmUp(o, 0.05))
