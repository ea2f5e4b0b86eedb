"""Two parameter groups with learning rates of their own."""

import torch
from referee_corpus.base import Net, kit


def build():
    model = Net()
    groups = [
        {"params": [*model.conv1.parameters(), *model.conv2.parameters()], "lr": 0.005},
        {"params": [*model.fc1.parameters(), *model.fc2.parameters()]},
    ]
    return kit(model=model, optimizer=torch.optim.SGD(groups, lr=0.02))
