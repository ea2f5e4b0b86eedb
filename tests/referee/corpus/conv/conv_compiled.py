"""A third convolution in a compiled model."""

import torch
from referee_corpus.base import kit
from torch import nn

EXPECTED = {"convolution": 1}


def build():
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3),
        nn.ReLU(),
        nn.Conv2d(16, 16, 3),
        nn.ReLU(),
        nn.Conv2d(16, 16, 3),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 10),
    )
    return kit(model=torch.compile(model), optimizer=torch.optim.SGD(model.parameters(), lr=0.01))
