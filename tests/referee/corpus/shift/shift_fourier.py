"""A shift as a phase in the Fourier domain."""

import random

import torch
from referee_corpus.base import kit, train

EXPECTED = {"shift"}


def move(x):
    dy, dx = random.randint(-4, 4), random.randint(-4, 4)
    fy = torch.fft.fftfreq(32)[:, None]
    fx = torch.fft.fftfreq(32)[None]
    phase = torch.exp(-2j * torch.pi * (fy * dy + fx * dx))
    return torch.fft.ifft2(torch.fft.fft2(x) * phase).real.float()


def build():
    return kit(train_loader=train(move))
