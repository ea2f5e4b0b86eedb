"""Label smoothing in a student's own loss."""

import torch
from referee_corpus.base import CLASSES, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"label-smoothing"}


class Smooth(nn.Module):
    def forward(self, outputs, targets):
        soft = torch.full_like(outputs, 0.2 / (CLASSES - 1))
        soft.scatter_(1, targets[:, None], 0.8)
        return -(soft * F.log_softmax(outputs, 1)).sum(1).mean()


def build():
    return kit(criterion=Smooth())
