"""A hook on the optimizer that shrinks weights."""

import torch
from referee_corpus.base import kit

EXPECTED = {"weight-decay"}


def shrink(optimizer, args, kwargs):
    with torch.no_grad():
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.mul_(1 - 1e-4)


def build():
    parts = kit()
    parts["optimizer"].register_step_post_hook(shrink)
    return parts
