"""A hand-made average of the weights kept in a dictionary after each step."""

import torch
from referee_corpus.base import kit

EXPECTED = {"ema"}


def build():
    parts = kit()
    model = parts["model"]
    shadow = {n: p.detach().clone() for n, p in model.named_parameters()}

    @torch.no_grad()
    def update(optimizer, args, kwargs):
        for n, p in model.named_parameters():
            shadow[n].mul_(0.99).add_(p, alpha=0.01)

    parts["optimizer"].register_step_post_hook(update)
    return parts
