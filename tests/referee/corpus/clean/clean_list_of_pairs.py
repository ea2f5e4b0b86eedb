"""A plain list of (image, label) pairs as the dataset."""

from referee_corpus.base import kit, pictures, train


def build():
    x, y = pictures()
    return kit(train_loader=train(dataset=[(a.float() / 255, int(b)) for a, b in zip(x, y)]))
