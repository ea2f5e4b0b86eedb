"""Momentum written into param_groups after construction."""

from referee_corpus.base import kit

EXPECTED = {"momentum"}


def build():
    parts = kit()
    parts["optimizer"].param_groups[0]["momentum"] = 0.8
    return parts
