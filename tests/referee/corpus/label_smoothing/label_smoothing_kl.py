"""KL divergence to a smoothed distribution."""

import torch
from referee_corpus.base import kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"label-smoothing"}


class SmoothKL(nn.Module):
    def __init__(self, classes=10, eps=0.1):
        super().__init__()
        self.classes, self.eps = classes, eps

    def forward(self, scores, y):
        with torch.no_grad():
            t = torch.full_like(scores, self.eps / (self.classes - 1))
            t.scatter_(1, y[:, None], 1 - self.eps)
        return F.kl_div(F.log_softmax(scores, 1), t, reduction="batchmean")


def build():
    return kit(criterion=SmoothKL())
