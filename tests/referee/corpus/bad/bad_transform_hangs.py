"""A transform that hangs."""

from referee_corpus.base import kit, train

UNKNOWN = True
MAY_FIND = {"unreadable"}


def stuck(x):
    import time

    time.sleep(60)
    return x


def build():
    return kit(train_loader=train(stuck), limit=1.5)
