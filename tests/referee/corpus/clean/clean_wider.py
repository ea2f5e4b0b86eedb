"""Wider layers: depth alone has a price."""

from referee_corpus.base import Net, kit
from torch import nn


class Wide(Net):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, 5, padding=2)
        self.conv2 = nn.Conv2d(96, 128, 5, padding=2)
        self.fc1 = nn.Linear(128 * 8 * 8, 200)
        self.fc2 = nn.Linear(200, 10)


def build():
    return kit(model=Wide())
