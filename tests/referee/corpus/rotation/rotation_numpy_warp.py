"""A rotation matrix and inverse mapping with nearest neighbours, in NumPy."""

import math
import random

import numpy as np
import torch
from referee_corpus.base import kit, train

EXPECTED = {"rotation"}


def warp(x):
    angle = math.radians(random.uniform(-25, 25))
    image = x.numpy()
    _, h, w = image.shape
    yy, xx = np.mgrid[:h, :w]
    cy, cx = (h - 1) / 2, (w - 1) / 2
    sx = math.cos(angle) * (xx - cx) + math.sin(angle) * (yy - cy) + cx
    sy = -math.sin(angle) * (xx - cx) + math.cos(angle) * (yy - cy) + cy
    sx, sy = np.rint(sx).astype(int), np.rint(sy).astype(int)
    inside = (sx >= 0) & (sx < w) & (sy >= 0) & (sy < h)
    out = image[:, sy.clip(0, h - 1), sx.clip(0, w - 1)] * inside
    return torch.from_numpy(out.astype(np.float32))


def build():
    return kit(train_loader=train(warp))
