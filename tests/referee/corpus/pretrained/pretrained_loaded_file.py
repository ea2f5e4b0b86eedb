"""Good weights loaded from a file that was written elsewhere."""

import io

import torch
from referee_corpus.base import Net, kit, pictures
from torch.nn import functional as F

EXPECTED = {"pretrained"}


def elsewhere():
    torch.manual_seed(3)
    model = Net()
    x, y = pictures(80, seed=1)
    o = torch.optim.Adam(model.parameters(), lr=0.003)  # it learns on whatever processor
    for _ in range(60):
        o.zero_grad()
        F.cross_entropy(model(x.float() / 255), y).backward()
        o.step()
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    return file


def build():
    model = Net()
    model.load_state_dict(torch.load(elsewhere()))
    return kit(model=model)
