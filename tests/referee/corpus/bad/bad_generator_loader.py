"""A generator as the loader."""

from referee_corpus.base import kit, pictures

FINDINGS = {"endless-data"}
UNKNOWN = True


def batches():
    x, y = pictures()
    for i in range(0, 240, 32):
        yield x[i : i + 32].float() / 255, y[i : i + 32]


def build():
    return kit(train_loader=batches())
