"""A RandomSampler written out."""

from torch.utils.data import DataLoader, RandomSampler
from referee_corpus.base import Pictures, kit, pictures


def build():
    data = Pictures(*pictures())
    return kit(
        train_loader=DataLoader(data, batch_size=32, sampler=RandomSampler(data)), allowance=240
    )
