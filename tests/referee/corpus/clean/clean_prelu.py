"""Learned slopes."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F


class Prelu(Net):
    def __init__(self):
        super().__init__()
        self.act = nn.PReLU()

    def forward(self, x):
        x = F.max_pool2d(self.act(self.conv1(x)), 2)
        x = F.max_pool2d(self.act(self.conv2(x)), 2)
        return self.fc2(self.act(self.fc1(x.flatten(1))))


def build():
    return kit(model=Prelu())
