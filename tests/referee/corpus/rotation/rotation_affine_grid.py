"""A rotation built from affine_grid and grid_sample."""

import torch
from referee_corpus.base import kit, train
from torch.nn import functional as F

EXPECTED = {"rotation"}


def turn(x):
    a = (torch.rand(()) - 0.5) * 0.8
    m = torch.stack(
        [torch.stack([a.cos(), -a.sin(), a * 0]), torch.stack([a.sin(), a.cos(), a * 0])]
    )[None]
    grid = F.affine_grid(m, [1, *x.shape], align_corners=False)
    return F.grid_sample(x[None], grid, align_corners=False)[0]


def build():
    return kit(train_loader=train(turn))
