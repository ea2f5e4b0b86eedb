"""One-hot float targets with cross-entropy."""

import torch
from referee_corpus.base import CLASSES, Pictures, kit, pictures, train, val
from torch.nn import functional as F


class OneHot(Pictures):
    def __getitem__(self, i):
        x, y = super().__getitem__(i)
        return x, F.one_hot(torch.tensor(y), CLASSES).float()


def build():
    return kit(
        train_loader=train(dataset=OneHot(*pictures())),
        val_loader=val(dataset=OneHot(*pictures(80, seed=1))),
    )
