"""Hooks on the weights that average gradients for a plot and return nothing."""

from referee_corpus.base import kit

MEAN = {}


def build():
    parts = kit()

    def watch(name):
        def hook(grad):
            MEAN[name] = 0.9 * MEAN.get(name, 0.0) + 0.1 * grad.abs().mean().item()

        return hook

    for name, p in parts["model"].named_parameters():
        p.register_hook(watch(name))
    return parts
