"""The model mirrors its input while training."""

import torch
from referee_corpus.base import Net, kit

EXPECTED = {"flip"}


class Mirror(Net):
    def forward(self, x):
        if self.training and torch.rand(1).item() < 0.5:
            x = x.flip(3)
        return super().forward(x)


def build():
    return kit(model=Mirror())
