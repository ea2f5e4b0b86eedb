"""A full backward hook that counts calls."""

from referee_corpus.base import kit


def build():
    parts = kit()
    calls = {"n": 0}

    def count(module, grad_input, grad_output):
        calls["n"] += 1

    parts["model"].conv2.register_full_backward_hook(count)
    parts["model"].register_forward_pre_hook(lambda m, args: None)
    return parts
