"""A student adds the squares of all weights to the loss, with abs for biases."""

import torch
from referee_corpus.base import Net, kit
from torch import nn

EXPECTED = {"weight-decay"}


def build():
    net = Net()

    class MyLoss(nn.CrossEntropyLoss):
        def forward(self, out, y):
            loss = super().forward(out, y)
            for name, p in net.named_parameters():
                if "weight" in name:
                    loss = loss + 0.0005 * torch.sum(p * p)
            return loss

    return kit(model=net, criterion=MyLoss())
