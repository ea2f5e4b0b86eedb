"""scipy's gaussian_filter with a random sigma."""

import numpy as np
import torch
from referee_corpus.base import kit, train
from scipy import ndimage

EXPECTED = {"blur"}


def soften(x):
    sigma = np.random.uniform(0.3, 1.5)
    return torch.from_numpy(ndimage.gaussian_filter(x.numpy(), sigma=(0, sigma, sigma)))


def build():
    return kit(train_loader=train(soften))
