"""An L2 term in a user's criterion class."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"weight-decay"}


class Penalised(nn.Module):
    def __init__(self, model, strength=1e-4):
        super().__init__()
        self.models, self.strength = [model], strength

    def forward(self, outputs, targets):
        l2 = sum(p.pow(2).sum() for p in self.models[0].parameters())
        return F.cross_entropy(outputs, targets) + self.strength * l2


def build():
    model = Net()
    return kit(model=model, criterion=Penalised(model))
