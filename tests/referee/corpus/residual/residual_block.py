"""A residual block with batch norm."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"residual": 1, "batch-norm": 1, "convolution": 2}


class Residual(Net):
    def __init__(self):
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv2d(64, 64, 3, padding=1),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3, padding=1),
            nn.BatchNorm2d(64),
        )

    def forward(self, x):
        x = self.features(x)
        x = F.relu(x + self.block(x)).flatten(1)
        return self.fc2(F.relu(self.fc1(x)))


def build():
    return kit(model=Residual())
