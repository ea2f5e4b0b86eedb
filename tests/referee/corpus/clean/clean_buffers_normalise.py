"""Mean and spread as buffers inside the model."""

import torch
from referee_corpus.base import Net, kit


class WithBuffers(Net):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.49, 0.48, 0.45]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.25, 0.24, 0.26]).view(1, 3, 1, 1))
        self.register_buffer("seen", torch.zeros((), dtype=torch.long))

    def forward(self, x):
        if self.training:
            self.seen += len(x)
        return super().forward((x - self.mean) / self.std)


def build():
    return kit(model=WithBuffers())
