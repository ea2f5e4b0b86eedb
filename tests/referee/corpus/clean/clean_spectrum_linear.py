"""A linear classifier on the spectrum's magnitudes and a hidden layer."""

import torch
from referee_corpus.base import kit
from torch import nn


class Spectrum(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3 * 32 * 17, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, x):
        return self.net(torch.fft.rfft2(x, norm="ortho").abs().flatten(1))


def build():
    return kit(model=Spectrum())
