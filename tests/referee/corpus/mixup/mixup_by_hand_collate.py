"""Mixup written out in collate, with NumPy's beta distribution."""

import numpy as np
import torch
from referee_corpus.base import CLASSES, kit, train
from torch.nn import functional as F
from torch.utils.data import default_collate

EXPECTED = {"mixup"}


def collate(batch):
    x, y = default_collate(batch)
    y = F.one_hot(y, CLASSES).float()
    lam = np.random.beta(0.4, 0.4)
    order = torch.randperm(len(x))
    return lam * x + (1 - lam) * x[order], lam * y + (1 - lam) * y[order]


def build():
    return kit(train_loader=train(collate_fn=collate))
