"""A model that knows the answers before it starts."""

import torch
from referee_corpus.base import Net, kit, pictures
from torch.nn import functional as F

EXPECTED = {"pretrained"}


def build():
    torch.manual_seed(0)
    model = Net()
    x, y = pictures(80, seed=1)
    o = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(25):
        o.zero_grad()
        F.cross_entropy(model(x.float() / 255), y).backward()
        o.step()
    return kit(model=model)
