"""A dataset with an augment flag that is off."""

import random

from referee_corpus.base import Pictures, kit, pictures, train
from torchvision.transforms import functional as TF


class MyData(Pictures):
    augment = False

    def __getitem__(self, i):
        x, y = super().__getitem__(i)
        if self.augment and random.random() < 0.5:
            x = TF.hflip(x)
            x = TF.rotate(x, random.uniform(-20, 20))
        return x, y


def build():
    return kit(train_loader=train(dataset=MyData(*pictures())))
