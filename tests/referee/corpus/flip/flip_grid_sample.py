"""The x axis of a sampling grid multiplied by a random sign, inside the model."""

import torch
from referee_corpus.base import Net, kit
from torch.nn import functional as F

EXPECTED = {"flip"}


class Mirroring(Net):
    def forward(self, x):
        if self.training:
            sign = torch.randint(0, 2, (len(x),), device=x.device).float() * 2 - 1
            theta = torch.zeros(len(x), 2, 3)
            theta[:, 0, 0] = sign
            theta[:, 1, 1] = 1
            x = F.grid_sample(
                x, F.affine_grid(theta, x.shape, align_corners=False), align_corners=False
            )
        return super().forward(x)


def build():
    return kit(model=Mirroring())
