"""A convolution in the Fourier domain with a learned filter, as a third layer."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"convolution": 1}


class Spectral(Net):
    def __init__(self):
        super().__init__()
        self.filter = nn.Parameter(torch.randn(64, 8, 5, 2) * 0.1 + 1)

    def forward(self, x):
        x = self.features(x)
        x = torch.fft.irfft2(
            torch.fft.rfft2(x) * torch.view_as_complex(self.filter), s=x.shape[-2:]
        )
        return self.fc2(F.relu(self.fc1(x.relu().flatten(1))))


def build():
    return kit(model=Spectral())
