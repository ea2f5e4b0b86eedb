"""Divided by 255 twice."""

from referee_corpus.base import kit, train, val

FINDINGS = {"to-tensor-twice"}
MAY_FIND = {"learning-rate", "input-range"}


def build():
    return kit(train_loader=train(lambda x: x / 255), val_loader=val(lambda x: x / 255))
