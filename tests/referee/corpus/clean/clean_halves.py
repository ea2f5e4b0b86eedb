"""The left and the right half of the map, each with a linear layer of its own, added."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F


class Halves(Net):
    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(2048, 64), nn.Linear(2048, 64)
        del self.fc1

    def forward(self, x):
        x = self.features(x)
        h = self.left(x[..., :4].flatten(1)) + self.right(x[..., 4:].flatten(1))
        return self.fc2(F.relu(h))


def build():
    return kit(model=Halves())
