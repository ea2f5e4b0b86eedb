"""A WeightedRandomSampler with equal weights."""

import torch
from referee_corpus.base import Pictures, kit, pictures
from torch.utils.data import DataLoader, WeightedRandomSampler


def build():
    data = Pictures(*pictures())
    sampler = WeightedRandomSampler(torch.ones(len(data)), len(data))
    return kit(train_loader=DataLoader(data, batch_size=32, sampler=sampler), allowance=240)
