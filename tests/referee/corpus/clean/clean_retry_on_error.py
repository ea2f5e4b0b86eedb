"""A dataset that answers a broken file with the next one; here none is broken."""

from referee_corpus.base import Pictures, kit, pictures, train


class Careful(Pictures):
    def __getitem__(self, i):
        for attempt in range(5):
            try:
                return super().__getitem__((i + attempt) % len(self))
            except OSError:
                continue
        raise RuntimeError("five broken files in a row")


def build():
    return kit(train_loader=train(dataset=Careful(*pictures())))
