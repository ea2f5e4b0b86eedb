"""A functional flip inside __getitem__."""

import random

from referee_corpus.base import Pictures, kit, pictures, train
from torchvision.transforms import functional as TF

EXPECTED = {"flip"}


class Flipping(Pictures):
    def __getitem__(self, i):
        x, y = super().__getitem__(i)
        if random.random() < 0.5:
            x = TF.hflip(x)
        return x, y


def build():
    return kit(train_loader=train(dataset=Flipping(*pictures())))
