"""A Gaussian kernel built by hand and F.conv2d in groups."""

import random

import torch
from referee_corpus.base import kit, train
from torch.nn import functional as F

EXPECTED = {"blur"}


def kernel(sigma, radius=2):
    t = torch.arange(-radius, radius + 1).float()
    k = torch.exp(-(t**2) / (2 * sigma**2))
    k = torch.outer(k, k)
    return (k / k.sum()).expand(3, 1, -1, -1)


def blur(x):
    if random.random() > 0.5:
        return x
    k = kernel(random.uniform(0.5, 2.0))
    return F.conv2d(F.pad(x[None], (2, 2, 2, 2), mode="reflect"), k, groups=3)[0]


def build():
    return kit(train_loader=train(blur))
