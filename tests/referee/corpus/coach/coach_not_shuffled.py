"""Training data in order."""

from referee_corpus.base import kit, train

FINDINGS = {"not-shuffled"}


def build():
    return kit(train_loader=train(shuffle=False))
