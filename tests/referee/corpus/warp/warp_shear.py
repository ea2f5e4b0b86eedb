"""A shear by affine_grid."""

import random

import torch
from referee_corpus.base import kit, train
from torch.nn import functional as F

EXPECTED = {"shear"}


def slant(x):
    theta = torch.tensor([[1.0, random.uniform(-0.3, 0.3), 0], [0, 1, 0]])[None]
    grid = F.affine_grid(theta, (1, *x.shape), align_corners=False)
    return F.grid_sample(x[None], grid, align_corners=False)[0]


def build():
    return kit(train_loader=train(slant))
