"""Worker processes and pinned memory asked for."""

from referee_corpus.base import kit, train


def build():
    return kit(train_loader=train(num_workers=2, persistent_workers=True))
