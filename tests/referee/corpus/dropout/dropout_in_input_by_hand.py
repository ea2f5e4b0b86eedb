"""Pixels dropped with a mask of one's own, in the model's forward."""

import torch
from referee_corpus.base import Net, kit

EXPECTED = {"dropout"}


class Dropping(Net):
    def forward(self, x):
        if self.training:
            x = x.masked_fill(torch.rand_like(x) < 0.15, 0.0)
        return super().forward(x)


def build():
    return kit(model=Dropping())
