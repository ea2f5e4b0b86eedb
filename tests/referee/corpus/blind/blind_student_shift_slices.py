"""A student shifts images by cutting and padding with zeros."""

import random

import torch
from referee_corpus.base import kit, train

EXPECTED = {"shift"}


def shift_image(img):
    n = random.randint(-3, 3)
    new = torch.zeros_like(img)
    if n > 0:
        new[:, :, n:] = img[:, :, :-n]
    elif n < 0:
        new[:, :, :n] = img[:, :, -n:]
    else:
        new = img
    return new


def build():
    return kit(train_loader=train(shift_image))
