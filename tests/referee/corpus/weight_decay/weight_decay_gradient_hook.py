"""Hooks on the weights that add a little of them to their gradients."""

from referee_corpus.base import kit

EXPECTED = {"weight-decay"}


def build():
    parts = kit()
    for p in parts["model"].parameters():
        if p.ndim > 1:
            p.register_hook(lambda g, p=p: g + 5e-4 * p.detach())
    return parts
