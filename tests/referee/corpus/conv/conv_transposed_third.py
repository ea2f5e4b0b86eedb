"""A transposed convolution as a third layer."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"convolution": 1}


class Up(Net):
    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(64, 16, 2, stride=2)
        self.fc1 = nn.Linear(16 * 256, 64)

    def forward(self, x):
        x = F.relu(self.up(self.features(x)))
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


def build():
    return kit(model=Up())
