"""Validation images picked out of training and cloned."""

from referee_corpus.base import kit, pictures, train, val
from torch.utils.data import TensorDataset

FINDINGS = {"shared-images"}


def build():
    x, y = pictures()
    x = x.float() / 255
    return kit(
        train_loader=train(dataset=TensorDataset(x, y)),
        val_loader=val(dataset=TensorDataset(x[:40].clone(), y[:40].clone())),
    )
