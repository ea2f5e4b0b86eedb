"""Each weight's gradient clamped by a hook."""

from referee_corpus.base import kit

EXPECTED = {"gradient-clipping"}


def build():
    parts = kit()
    for p in parts["model"].parameters():
        p.register_hook(lambda g: g.clamp(-0.001, 0.001))
    return parts
