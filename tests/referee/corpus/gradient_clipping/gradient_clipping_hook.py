"""Gradients clipped in a hook before each step."""

import torch
from referee_corpus.base import kit

EXPECTED = {"gradient-clipping"}


def build():
    parts = kit()
    model = parts["model"]

    def clip(optimizer, args, kwargs):
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)

    parts["optimizer"].register_step_pre_hook(clip)
    return parts
