"""The model turns its input grey by fixed luminance weights in F.conv2d."""

import torch
from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F


class GreyFirst(Net):
    def __init__(self):
        self.grey = False
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 5, padding=2)
        self.register_buffer("luma", torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1))

    def forward(self, x):
        return super().forward(F.conv2d(x, self.luma))


def build():
    return kit(model=GreyFirst())
