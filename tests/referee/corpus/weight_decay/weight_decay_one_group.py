"""Weight decay in one of two groups."""

import torch
from referee_corpus.base import Net, kit

EXPECTED = {"weight-decay"}


def build():
    model = Net()
    groups = [
        {"params": [*model.conv1.parameters(), *model.conv2.parameters(), *model.fc2.parameters()]},
        {"params": model.fc1.parameters(), "weight_decay": 1e-3},
    ]
    return kit(model=model, optimizer=torch.optim.SGD(groups, lr=0.01))
