"""The first layer frozen on purpose."""

import torch
from referee_corpus.base import Net, kit


def build():
    model = Net()
    model.conv1.requires_grad_(False)
    return kit(
        model=model,
        optimizer=torch.optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=0.01),
    )
