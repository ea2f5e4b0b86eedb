"""The game's own loaders at the base fraction."""

from referee_corpus.base import game_loader, kit


def build():
    return kit(train_loader=game_loader(), val_loader=game_loader("val", 1.0), allowance=170)
