"""Two plain layers and a 1x1 convolution with an activation after them."""

from referee_corpus.base import kit
from torch import nn

EXPECTED = {"convolution": 1}


def build():
    model = nn.Sequential(
        nn.Conv2d(3, 32, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(64, 16, 1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(1024, 10),
    )
    return kit(model=model)
