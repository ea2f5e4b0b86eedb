"""Other pooling, and a stride."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F


class Strided(Net):
    def __init__(self):
        super().__init__()
        self.conv2 = nn.Conv2d(32, 64, 3, stride=2, padding=1)
        self.fc1 = nn.Linear(64 * 8 * 8, 64)

    def features(self, x):
        x = F.avg_pool2d(F.relu(self.conv1(x)), 2)
        return F.relu(self.conv2(x))


def build():
    return kit(model=Strided())
