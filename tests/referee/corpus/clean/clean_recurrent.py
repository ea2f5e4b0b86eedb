"""Rows of the image fed to a GRU."""

from referee_corpus.base import kit
from torch import nn


class Rows(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(96, 64, batch_first=True)
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        x = x.permute(0, 2, 1, 3).flatten(2)
        out, _ = self.rnn(x)
        return self.head(out[:, -1])


def build():
    return kit(model=Rows())
