"""Names as labels."""

from referee_corpus.base import Pictures, kit, pictures, train

UNKNOWN = True
FINDINGS = {"unreadable"}
NAMES = ["ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen", "ibis", "jay"]


class Named(Pictures):
    def __getitem__(self, i):
        x, y = super().__getitem__(i)
        return x, NAMES[y]


def build():
    return kit(train_loader=train(dataset=Named(*pictures())))
