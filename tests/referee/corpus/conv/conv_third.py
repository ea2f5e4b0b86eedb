"""A third convolution."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"convolution": 1}


class Deeper(Net):
    def __init__(self):
        super().__init__()
        self.conv3 = nn.Conv2d(64, 64, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.conv3(self.features(x))).flatten(1)
        return self.fc2(F.relu(self.fc1(x)))


def build():
    return kit(model=Deeper())
