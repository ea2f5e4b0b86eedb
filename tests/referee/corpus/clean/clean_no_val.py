"""No validation set at all."""

from referee_corpus.base import kit


def build():
    return kit(val_loader=None)
