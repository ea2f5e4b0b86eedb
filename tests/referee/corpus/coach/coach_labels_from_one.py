"""Labels that count from 1."""

from referee_corpus.base import Pictures, kit, pictures, train

FINDINGS = {"label-out-of-range"}


def build():
    images, labels = pictures()
    return kit(train_loader=train(dataset=Pictures(images, labels + 1)), classes=10)
