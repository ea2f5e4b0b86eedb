"""Images of one class blended with each other: hard targets (intra-class mixup)."""

import random

from referee_corpus.base import Pictures, kit, pictures, train

EXPECTED = {"mixup"}


class Blended(Pictures):
    def __getitem__(self, i):
        x, y = super().__getitem__(i)
        j = random.choice([k for k in range(y, len(self), 10)])
        lam = random.uniform(0.5, 1)
        return lam * x + (1 - lam) * super().__getitem__(j)[0], y


def build():
    return kit(train_loader=train(dataset=Blended(*pictures())))
