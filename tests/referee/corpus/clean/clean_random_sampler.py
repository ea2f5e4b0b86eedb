"""A RandomSampler written out."""

from referee_corpus.base import Pictures, kit, pictures
from torch.utils.data import DataLoader, RandomSampler


def build():
    data = Pictures(*pictures())
    return kit(
        train_loader=DataLoader(data, batch_size=32, sampler=RandomSampler(data)), allowance=240
    )
