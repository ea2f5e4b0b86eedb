"""Drawn with replacement, as many as there are."""

from referee_corpus.base import Pictures, kit, pictures
from torch.utils.data import DataLoader, RandomSampler


def build():
    data = Pictures(*pictures())
    return kit(
        train_loader=DataLoader(data, 32, sampler=RandomSampler(data, replacement=True)),
        allowance=240,
    )
