"""The model's cell was run again, the optimizer's was not."""

import torch
from referee_corpus.base import Net, kit

FINDINGS = {"optimizer-stale"}


def build():
    old = Net()
    optimizer = torch.optim.SGD(old.parameters(), lr=0.01)
    return kit(model=Net(), optimizer=optimizer)
