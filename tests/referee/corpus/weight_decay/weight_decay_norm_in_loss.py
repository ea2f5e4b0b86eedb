"""The sum of all norms added inside a loss that keeps the model's parameters in a list."""

import torch
from referee_corpus.base import Net, kit
from torch import nn

EXPECTED = {"weight-decay"}


class Regularised(nn.Module):
    def __init__(self, parameters, strength=1e-3):
        super().__init__()
        self.inner = nn.CrossEntropyLoss()
        self.params = list(parameters)
        self.strength = strength

    def forward(self, outputs, labels):
        penalty = torch.stack([p.norm(2) for p in self.params]).sum()
        return self.inner(outputs, labels) + self.strength * penalty


def build():
    model = Net()
    return kit(model=model, criterion=Regularised(model.parameters()))
