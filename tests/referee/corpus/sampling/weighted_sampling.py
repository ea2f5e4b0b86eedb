"""Rare images drawn more often."""

import torch
from referee_corpus.base import Pictures, kit, pictures
from torch.utils.data import DataLoader, WeightedRandomSampler

EXPECTED = {"weighted-sampling"}


def build():
    data = Pictures(*pictures())
    weights = torch.ones(len(data))
    weights[::10] = 4
    return kit(
        train_loader=DataLoader(
            data, batch_size=32, sampler=WeightedRandomSampler(weights, len(data))
        )
    )
