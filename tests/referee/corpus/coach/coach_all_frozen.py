"""Everything frozen."""

import torch
from referee_corpus.base import Net, kit

FINDINGS = {"all-frozen"}


def build():
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    model.requires_grad_(False)
    return kit(model=model, optimizer=optimizer)
