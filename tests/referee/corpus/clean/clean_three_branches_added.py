"""Three linear branches side by side, added: one layer deep, nothing skips."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F


class Three(Net):
    def __init__(self):
        super().__init__()
        width = self.fc1.in_features
        self.one, self.two, self.three = (nn.Linear(width, 64) for _ in range(3))
        del self.fc1

    def forward(self, x):
        h = self.features(x).flatten(1)
        return self.fc2(F.relu(self.one(h)) + F.tanh(self.two(h)) + self.three(h))


def build():
    return kit(model=Three())
