"""A hook on the model that changes param_groups."""

from referee_corpus.base import kit

EXPECTED = {"learning-rate-schedule"}


def build():
    parts = kit()
    optimizer = parts["optimizer"]

    def warm(module, inputs, output):
        if module.training:
            optimizer.param_groups[0]["lr"] = min(0.1, optimizer.param_groups[0]["lr"] * 1.01)

    parts["model"].register_forward_hook(warm)
    return parts
