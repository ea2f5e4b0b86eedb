"""A third convolution written as nine shifted matrix products."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"convolution": 1}


class Slow(Net):
    def __init__(self):
        super().__init__()
        self.kernel = nn.Parameter(torch.randn(3, 3, 64, 64) / 24)

    def forward(self, x):
        x = self.features(x)
        padded = F.pad(x, (1, 1, 1, 1))
        out = 0
        for i in range(3):
            for j in range(3):
                part = padded[:, :, i : i + 8, j : j + 8]
                out = out + torch.einsum("bchw,co->bohw", part, self.kernel[i, j])
        return self.fc2(F.relu(self.fc1(out.relu().flatten(1))))


def build():
    return kit(model=Slow())
