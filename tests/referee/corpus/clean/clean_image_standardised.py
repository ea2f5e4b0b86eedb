"""Each image standardised by its own mean and spread."""

from referee_corpus.base import kit, train, val


def standardise(x):
    return (x - x.mean()) / (x.std() + 1e-6)


def build():
    return kit(train_loader=train(standardise), val_loader=val(standardise))
