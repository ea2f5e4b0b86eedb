"""A layer put into the model after the optimizer was built."""

import torch
from torch import nn
from referee_corpus.base import Net, kit

FINDINGS = {"optimizer-partial"}


def build():
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    model.fc2 = nn.Linear(64, 10)
    return kit(model=model, optimizer=optimizer)
