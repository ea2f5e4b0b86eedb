"""Validation images that also stand in training, as copies."""

from referee_corpus.base import kit, pictures, train, val
from torch.utils.data import TensorDataset

FINDINGS = {"shared-images"}


def build():
    x, y = pictures()
    return kit(
        train_loader=train(dataset=TensorDataset(x.float() / 255, y)),
        val_loader=val(dataset=TensorDataset(x[150:].clone().float() / 255, y[150:])),
    )
