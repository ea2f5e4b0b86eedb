"""A hundred images an epoch, drawn anew."""

from referee_corpus.base import Pictures, kit, pictures
from torch.utils.data import DataLoader, RandomSampler


def build():
    data = Pictures(*pictures())
    return kit(
        train_loader=DataLoader(data, 32, sampler=RandomSampler(data, num_samples=100)),
        allowance=240,
    )
