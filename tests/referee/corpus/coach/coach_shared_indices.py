"""Validation images that also stand in training, by index."""

from referee_corpus.base import Pictures, kit, pictures, train, val
from torch.utils.data import Subset

FINDINGS = {"shared-images"}


def build():
    data = Pictures(*pictures())
    return kit(
        train_loader=train(dataset=Subset(data, range(200))),
        val_loader=val(dataset=Subset(data, range(180, 240))),
    )
