"""A hook on the optimizer that changes param_groups."""

from referee_corpus.base import kit

EXPECTED = {"learning-rate-schedule"}


def build():
    parts = kit()

    def cool(optimizer, args, kwargs):
        for group in optimizer.param_groups:
            group["lr"] *= 0.999

    parts["optimizer"].register_step_post_hook(cool)
    return parts
