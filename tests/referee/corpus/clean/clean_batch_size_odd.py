"""An unusual batch size."""

from referee_corpus.base import kit, train


def build():
    return kit(train_loader=train(batch_size=7))
