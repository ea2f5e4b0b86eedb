"""A layer put into the model after the optimizer was built."""

import torch
from referee_corpus.base import Net, kit
from torch import nn

FINDINGS = {"optimizer-partial"}


def build():
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    model.fc2 = nn.Linear(64, 10)
    return kit(model=model, optimizer=optimizer)
