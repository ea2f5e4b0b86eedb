"""Reflection padding inside the model before each convolution."""

from referee_corpus.base import kit
from torch import nn


def build():
    model = nn.Sequential(
        nn.ReflectionPad2d(2),
        nn.Conv2d(3, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.ZeroPad2d((1, 0, 1, 0)),
        nn.Conv2d(16, 32, 2),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 64, 64),
        nn.LeakyReLU(0.1),
        nn.Linear(64, 10),
    )
    return kit(model=model)
