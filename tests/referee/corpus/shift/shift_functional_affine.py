"""TF.affine with a random translation."""

import random

from referee_corpus.base import Pictures, kit, pictures, train
from torchvision.transforms import functional as TF

EXPECTED = {"shift"}


class Moved(Pictures):
    def __getitem__(self, i):
        x, y = super().__getitem__(i)
        dx, dy = random.randint(-4, 4), random.randint(-4, 4)
        return TF.affine(x, angle=0, translate=[dx, dy], scale=1.0, shear=[0.0]), y


def build():
    return kit(train_loader=train(dataset=Moved(*pictures())))
