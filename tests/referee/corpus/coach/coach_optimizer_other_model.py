"""The optimizer was built on model1 while model3 is trained."""

import torch
from referee_corpus.base import Net, kit
from torch import nn

FINDINGS = {"optimizer-other-model"}


def build():
    model1, model3 = (
        Net(),
        nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(7200, 10)),
    )
    return kit(
        model=model3,
        optimizer=torch.optim.SGD(model1.parameters(), lr=0.01),
        names={"model1": model1, "model": model3},
    )
