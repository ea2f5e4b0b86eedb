"""A post-step hook that renormalises the rows of each weight to a largest norm."""

import torch
from referee_corpus.base import kit

EXPECTED = {"weight-decay"}
ALSO = {"gradient-clipping"}


def build():
    parts = kit()

    @torch.no_grad()
    def clip(optimizer, args, kwargs):
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.ndim > 1:
                    p.copy_(torch.renorm(p, 2, 0, 0.5))

    parts["optimizer"].register_step_post_hook(clip)
    return parts
