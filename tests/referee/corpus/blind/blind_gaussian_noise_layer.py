"""A Keras-like GaussianNoise layer inside the model."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"noise"}


class GaussianNoise(nn.Module):
    def __init__(self, sigma):
        super().__init__()
        self.sigma = sigma

    def forward(self, x):
        return x + torch.randn_like(x) * self.sigma if self.training else x


class Noisy(Net):
    def __init__(self):
        super().__init__()
        self.noise = GaussianNoise(0.2)

    def forward(self, x):
        return self.fc2(self.noise(F.relu(self.fc1(self.features(x).flatten(1)))))


def build():
    return kit(model=Noisy())
