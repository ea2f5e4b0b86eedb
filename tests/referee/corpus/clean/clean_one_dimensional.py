"""Each row read as a sequence by two 1-d convolutions."""

from referee_corpus.base import kit
from torch import nn


class Rows(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv1d(96, 64, 3, padding=1)
        self.b = nn.Conv1d(64, 64, 3, padding=1)
        self.head = nn.Linear(64 * 16, 10)

    def forward(self, x):
        x = x.flatten(1, 2)
        x = self.a(x).relu()
        x = nn.functional.max_pool1d(self.b(x).relu(), 2)
        return self.head(x.flatten(1))


def build():
    return kit(model=Rows())
