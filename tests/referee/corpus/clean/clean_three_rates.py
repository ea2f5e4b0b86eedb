"""SGD in three groups by layer, each with its own rate, all else plain."""

import torch
from referee_corpus.base import Net, kit


def build():
    model = Net()
    groups = [
        {"params": [*model.conv1.parameters(), *model.conv2.parameters()], "lr": 0.02},
        {"params": model.fc1.parameters(), "lr": 0.01},
        {"params": model.fc2.parameters(), "lr": 0.005, "momentum": 0, "weight_decay": 0.0},
    ]
    return kit(model=model, optimizer=torch.optim.SGD(groups, lr=0.01, foreach=False))
