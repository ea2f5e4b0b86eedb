"""A square of the input blotted out inside the model while it trains."""

import torch
from referee_corpus.base import Net, kit

EXPECTED = {"cutout"}


class Blotting(Net):
    def forward(self, x):
        if self.training:
            n, _, h, w = x.shape
            cy = torch.randint(0, h, (n, 1, 1, 1))
            cx = torch.randint(0, w, (n, 1, 1, 1))
            yy = torch.arange(h).view(1, 1, h, 1)
            xx = torch.arange(w).view(1, 1, 1, w)
            hole = ((yy - cy).abs() < 5) & ((xx - cx).abs() < 5)
            x = x * ~hole
        return super().forward(x)


def build():
    return kit(model=Blotting())
