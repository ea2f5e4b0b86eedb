"""Every image brightened by an amount that depends on its index: the same each time."""

from referee_corpus.base import Pictures, kit, pictures, train


class Indexed(Pictures):
    def __getitem__(self, i):
        x, y = super().__getitem__(i)
        return x * (0.9 + 0.2 * (i % 5) / 5), y


def build():
    return kit(train_loader=train(dataset=Indexed(*pictures())))
