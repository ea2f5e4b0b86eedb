"""Images stored on their side, put upright the same way every time."""

from referee_corpus.base import kit, train, val


def upright(x):
    return x.transpose(1, 2)


def build():
    return kit(train_loader=train(upright), val_loader=val(upright))
