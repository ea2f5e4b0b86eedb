"""A LambdaLR with warm-up and cosine, as in a blog post."""

import math

from referee_corpus.base import kit
from torch.optim import lr_scheduler as sched

EXPECTED = {"learning-rate-schedule"}


def build():
    def rule(step, warm=5, total=50):
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / (total - warm)))

    return kit(scheduler=lambda o: sched.LambdaLR(o, rule))
