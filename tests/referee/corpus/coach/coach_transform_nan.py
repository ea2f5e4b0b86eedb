"""A transform that divides by what can be 0."""

from referee_corpus.base import kit, train

FINDINGS = {"not-finite"}


def build():
    return kit(train_loader=train(lambda x: (x - x.min()) / (x - x)))
