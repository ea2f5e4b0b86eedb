"""The model wrapped in DataParallel."""

import torch
from referee_corpus.base import Net, kit
from torch import nn

FINDINGS = {"data-parallel"}


def build():
    model = Net()
    return kit(model=nn.DataParallel(model), optimizer=torch.optim.SGD(model.parameters(), lr=0.01))
