"""Only some classes kept, numbered anew, with as many outputs."""

import torch
from referee_corpus.base import Net, kit, pictures, train, val
from torch import nn
from torch.utils.data import TensorDataset

KEPT = (1, 4, 7, 8)


def only(count, seed):
    x, y = pictures(count, seed=seed)
    keep = torch.isin(y, torch.tensor(KEPT))
    number = {c: n for n, c in enumerate(KEPT)}
    return TensorDataset(x[keep].float() / 255, torch.tensor([number[int(c)] for c in y[keep]]))


def build():
    model = Net()
    model.fc2 = nn.Linear(64, len(KEPT))
    return kit(
        model=model, train_loader=train(dataset=only(400, 0)), val_loader=val(dataset=only(100, 1))
    )
