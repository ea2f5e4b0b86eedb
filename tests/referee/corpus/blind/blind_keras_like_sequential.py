"""A Keras-like model builder, nothing special in it."""

from referee_corpus.base import kit
from torch import nn


class Sequential(nn.Module):
    def __init__(self, layers):
        super().__init__()
        for number, layer in enumerate(layers):
            self.add_module(f"layer_{number}", layer)
        self.order = [f"layer_{number}" for number in range(len(layers))]

    def forward(self, x):
        for name in self.order:
            x = getattr(self, name)(x)
        return x

    def summary(self):
        return sum(p.numel() for p in self.parameters())


def build():
    model = Sequential(
        [
            nn.Conv2d(3, 32, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(64 * 36, 64),
            nn.ReLU(),
            nn.Linear(64, 10),
        ]
    )
    return kit(model=model)
