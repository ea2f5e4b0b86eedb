"""Momentum in the group of the last layer only."""

import torch
from referee_corpus.base import Net, kit

EXPECTED = {"momentum"}


def build():
    model = Net()
    head = [*model.fc2.parameters()]
    rest = [p for n, p in model.named_parameters() if not n.startswith("fc2")]
    return kit(
        model=model,
        optimizer=torch.optim.SGD([{"params": rest}, {"params": head, "momentum": 0.9}], lr=0.01),
    )
