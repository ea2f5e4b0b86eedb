"""The game's own loaders at the base fraction."""

from referee_corpus.base import kit, val, game_loader


def build():
    return kit(train_loader=game_loader(), val_loader=game_loader("val", 1.0), allowance=170)
