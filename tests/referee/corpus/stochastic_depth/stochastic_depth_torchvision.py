"""torchvision's StochasticDepth around a block."""

import torchvision
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"stochastic-depth": 1, "residual": 1, "convolution": 1}


class Deep(Net):
    def __init__(self):
        super().__init__()
        self.block = nn.Conv2d(64, 64, 3, padding=1)
        self.depth = torchvision.ops.StochasticDepth(0.3, "row")

    def forward(self, x):
        x = self.features(x)
        x = F.relu(x + self.depth(self.block(x)))
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


def build():
    return kit(model=Deep())
