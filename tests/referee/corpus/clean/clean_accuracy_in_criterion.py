"""A criterion that also counts hits for a print-out."""

import torch
from referee_corpus.base import kit
from torch import nn


class Counting(nn.CrossEntropyLoss):
    def __init__(self):
        super().__init__()
        self.hits = self.seen = 0

    def forward(self, input, target):
        with torch.no_grad():
            self.hits += (input.argmax(1) == target).sum().item()
            self.seen += len(target)
        return super().forward(input, target)


def build():
    return kit(criterion=Counting())
