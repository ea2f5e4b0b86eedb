"""A functional rotation by a normally distributed angle."""

import numpy as np
from referee_corpus.base import Pictures, kit, pictures, train
from torchvision.transforms import functional as TF

EXPECTED = {"rotation"}


class Turning(Pictures):
    def __getitem__(self, i):
        x, y = super().__getitem__(i)
        return TF.rotate(x, float(np.random.normal(0, 12))), y


def build():
    return kit(train_loader=train(dataset=Turning(*pictures())))
