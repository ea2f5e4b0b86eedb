"""A dataset that takes the process with it."""

from referee_corpus.base import Pictures, kit, pictures, train

UNKNOWN = True
MAY_FIND = {"unreadable"}


class Deadly(Pictures):
    def __getitem__(self, i):
        import os

        os.abort()


def build():
    return kit(train_loader=train(dataset=Deadly(*pictures())))
