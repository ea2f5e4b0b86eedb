"""One of the five crops picked at random; validation takes the middle."""

import random

from referee_corpus.base import Net, kit, train, val
from torchvision.transforms import functional as TF

EXPECTED = {"shift"}


def build():
    return kit(
        model=Net(28),
        train_loader=train(lambda x: random.choice(TF.five_crop(x, 28))),
        val_loader=val(lambda x: TF.center_crop(x, 28)),
    )
