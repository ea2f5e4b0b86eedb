"""Gradients clipped by value in a step hook, and momentum: what was clipped is carried on."""

import torch
from referee_corpus.base import Net, kit

EXPECTED = {"gradient-clipping", "momentum"}


def clip(optimizer, *_):
    for group in optimizer.param_groups:
        torch.nn.utils.clip_grad_value_(group["params"], 0.5)


def build():
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    optimizer.register_step_pre_hook(clip)
    return kit(model=model, optimizer=optimizer)
