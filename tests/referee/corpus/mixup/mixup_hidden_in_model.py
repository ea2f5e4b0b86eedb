"""Manifold mixup's first layer only: the model mixes its input and hands out plain scores."""

import torch
from referee_corpus.base import Net, kit

EXPECTED = {"mixup"}
ALSO = {"unknown-augmentation", "noise"}


class Mixed(Net):
    def forward(self, x):
        if self.training:
            lam = torch.distributions.Beta(0.4, 0.4).sample()
            lam = torch.maximum(lam, 1 - lam)
            x = lam * x + (1 - lam) * x[torch.randperm(len(x))]
        return super().forward(x)


def build():
    return kit(model=Mixed())
