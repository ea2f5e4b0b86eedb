"""scipy's median filter on one image in three."""

import random

import torch
from referee_corpus.base import kit, train
from scipy.ndimage import median_filter

EXPECTED = {"blur"}


def build():
    def median(x):
        if random.random() < 1 / 3:
            x = torch.from_numpy(median_filter(x.numpy(), size=(1, 3, 3)))
        return x

    return kit(train_loader=train(median))
