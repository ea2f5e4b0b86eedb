"""The optimizer holds the last layer only, and nothing is frozen."""

import torch
from referee_corpus.base import Net, kit

FINDINGS = {"optimizer-partial"}


def build():
    model = Net()
    return kit(model=model, optimizer=torch.optim.SGD(model.fc2.parameters(), lr=0.01))
