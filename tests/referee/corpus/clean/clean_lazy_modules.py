"""Lazy layers that took their shapes from a first batch."""

import torch
from referee_corpus.base import kit
from torch import nn


def build():
    model = nn.Sequential(
        nn.LazyConv2d(16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(4),
        nn.LazyConv2d(32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.LazyLinear(64),
        nn.ReLU(),
        nn.LazyLinear(10),
    )
    model(torch.zeros(1, 3, 32, 32))
    return kit(model=model)
