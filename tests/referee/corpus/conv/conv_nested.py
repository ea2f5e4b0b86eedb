"""A convolution deep inside other modules."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"convolution": 2}


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = nn.ModuleDict(
            {"a": nn.Sequential(nn.Sequential(nn.Conv2d(width, width, 3, padding=1)), nn.ReLU())}
        )

    def forward(self, x):
        return self.inner["a"](x)


class Nested(Net):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block(64), Block(64)])

    def forward(self, x):
        x = self.features(x)
        for block in self.blocks:
            x = block(x)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


def build():
    return kit(model=Nested())
