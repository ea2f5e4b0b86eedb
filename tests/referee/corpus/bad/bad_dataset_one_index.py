"""A dataset that fails on one index."""

from referee_corpus.base import Pictures, kit, pictures, train

FINDINGS = {"unreadable"}
UNKNOWN = True


class Faulty(Pictures):
    def __getitem__(self, i):
        if i == 0:
            raise OSError("picture 0 is broken")
        return super().__getitem__(i)


def build():
    return kit(train_loader=train(dataset=Faulty(*pictures())))
