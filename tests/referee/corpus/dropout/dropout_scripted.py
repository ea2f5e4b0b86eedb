"""Dropout inside a scripted model."""

import torch
from referee_corpus.base import kit
from torch import nn

EXPECTED = {"dropout"}


def build():
    return kit(
        model=torch.jit.script(
            nn.Sequential(
                nn.Conv2d(3, 16, 3),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Flatten(),
                nn.Dropout(0.25),
                nn.Linear(3600, 10),
            )
        )
    )
