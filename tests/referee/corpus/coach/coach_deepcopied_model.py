"""The optimizer was built before the model was deep-copied."""

import copy

import torch
from referee_corpus.base import Net, kit

FINDINGS = {"optimizer-other-model"}


def build():
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, betas=(0.0, 0.999))
    model = copy.deepcopy(net)
    return kit(model=model, optimizer=optimizer, names={"net": net, "model": model})


ALSO = {"adaptive-step"}
