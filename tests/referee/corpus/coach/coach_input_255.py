"""Images from 0 to 255."""

from referee_corpus.base import kit, train, val

FINDINGS = {"input-range"}
MAY_FIND = {"learning-rate"}


def build():
    return kit(train_loader=train(lambda x: x * 255), val_loader=val(lambda x: x * 255))
