"""The baseline, untouched."""

from referee_corpus.base import kit


def build():
    return kit()
