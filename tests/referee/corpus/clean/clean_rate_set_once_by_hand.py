"""The learning rate set by hand after the optimizer was built."""

from referee_corpus.base import kit


def build():
    parts = kit()
    for group in parts["optimizer"].param_groups:
        group["lr"] = 0.02
    return parts
