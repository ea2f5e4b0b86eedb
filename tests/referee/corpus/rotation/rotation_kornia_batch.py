"""Kornia rotates the whole batch in the collate."""

import kornia.geometry.transform as KG
import torch
from referee_corpus.base import kit, train
from torch.utils.data import default_collate

EXPECTED = {"rotation"}


def collate(batch):
    x, y = default_collate(batch)
    angles = (torch.rand(len(x)) - 0.5) * 40
    return KG.rotate(x, angles), y


def build():
    return kit(train_loader=train(collate_fn=collate))
