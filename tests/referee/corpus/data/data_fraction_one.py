"""The game's loader with fraction=1.0."""

from referee_corpus.base import game_loader, kit

EXPECTED = {"more-data"}


def build():
    return kit(
        train_loader=game_loader(fraction=1.0), val_loader=game_loader("val", 1.0), allowance=170
    )
