"""A compiled baseline."""

import torch
from referee_corpus.base import Net, kit


def build():
    model = Net()
    return kit(model=torch.compile(model), optimizer=torch.optim.SGD(model.parameters(), lr=0.01))
