"""No module for the layers: a ParameterDict and torch.nn.functional."""

import torch
from referee_corpus.base import kit
from torch import nn
from torch.nn import functional as F


def weight(*shape):
    w = torch.empty(*shape)
    nn.init.kaiming_uniform_(w)
    return nn.Parameter(w)


class Bare(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.ParameterDict(
            {
                "k1": weight(16, 3, 3, 3),
                "b1": nn.Parameter(torch.zeros(16)),
                "k2": weight(32, 16, 3, 3),
                "b2": nn.Parameter(torch.zeros(32)),
                "w": weight(10, 32 * 64),
                "b": nn.Parameter(torch.zeros(10)),
            }
        )

    def forward(self, x):
        p = self.p
        x = F.max_pool2d(F.conv2d(x, p["k1"], p["b1"], padding=1).relu(), 2)
        x = F.max_pool2d(F.conv2d(x, p["k2"], p["b2"], padding=1).relu(), 2)
        return F.linear(x.flatten(1), p["w"], p["b"])


def build():
    return kit(model=Bare())
