"""Dropout2d after each activation, Dropout before the last layer."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"dropout"}


class Dropped(Net):
    def __init__(self):
        super().__init__()
        self.d2, self.d = nn.Dropout2d(0.1), nn.Dropout(0.5)

    def forward(self, x):
        x = F.max_pool2d(self.d2(F.relu(self.conv1(x))), 2)
        x = F.max_pool2d(self.d2(F.relu(self.conv2(x))), 2)
        return self.fc2(self.d(F.relu(self.fc1(x.flatten(1)))))


def build():
    return kit(model=Dropped())
