"""A skip around a hidden linear layer."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"residual"}


class Skip(Net):
    def __init__(self):
        super().__init__()
        self.more = nn.Linear(64, 64)

    def forward(self, x):
        h = F.relu(self.fc1(self.features(x).flatten(1)))
        h = h + F.relu(self.more(h))
        return self.fc2(h)


def build():
    return kit(model=Skip())
