"""The magnitude of the image's spectrum joined to the pixels as input."""

import torch
from referee_corpus.base import kit
from torch import nn


class Spectrum(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(6, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(4),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(2048, 10),
        )

    def forward(self, x):
        return self.net(torch.cat([x, torch.fft.fft2(x).abs().log1p()], 1))


def build():
    return kit(model=Spectrum())
