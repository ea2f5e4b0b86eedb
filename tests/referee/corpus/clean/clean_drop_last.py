"""The last batch dropped."""

from referee_corpus.base import kit, train


def build():
    return kit(train_loader=train(drop_last=True))
