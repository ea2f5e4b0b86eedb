"""A scripted baseline."""

import torch
from referee_corpus.base import kit
from torch import nn


def build():
    model = torch.jit.script(
        nn.Sequential(
            nn.Conv2d(3, 32, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(4096, 10),
        )
    )
    return kit(model=model)
