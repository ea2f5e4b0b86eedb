"""A dataset that forgot the label."""

from referee_corpus.base import Pictures, kit, pictures, train

FINDINGS = {"targets-mismatch"}


class NoLabel(Pictures):
    def __getitem__(self, i):
        return super().__getitem__(i)[0]


def build():
    return kit(train_loader=train(dataset=NoLabel(*pictures())))
