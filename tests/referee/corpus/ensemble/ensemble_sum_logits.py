"""Two different networks whose scores are added."""

from referee_corpus.base import Net, kit
from torch import nn

EXPECTED = {"ensembling"}


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = Net()
        self.b = nn.Sequential(
            nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(128, 10)
        )

    def forward(self, x):
        return self.a(x) + self.b(x)


def build():
    return kit(model=Pair())
