"""A Subset by hand that takes too much."""

from referee_corpus.base import game, kit, train
from torch.utils.data import Subset

EXPECTED = {"more-data"}


def build():
    from jupyter_classgame.data.dataset import GameDataset

    whole = GameDataset(game().train, None)
    return kit(train_loader=train(dataset=Subset(whole, list(range(200)))), allowance=168)
