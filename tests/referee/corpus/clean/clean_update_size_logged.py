"""Hooks around the step that keep the weights of before, to print how far they went."""

from referee_corpus.base import kit

SIZES = []


def build():
    parts = kit()
    before = {}

    def keep(optimizer, args, kwargs):
        for n, p in parts["model"].named_parameters():
            before[n] = p.detach().clone()

    def measure(optimizer, args, kwargs):
        SIZES.append(
            sum(float((p - before[n]).norm()) for n, p in parts["model"].named_parameters())
        )

    parts["optimizer"].register_step_pre_hook(keep)
    parts["optimizer"].register_step_post_hook(measure)
    return parts
