"""A model and data in float64."""

import torch
from referee_corpus.base import Net, kit, train, val


def build():
    return kit(
        model=Net().double(),
        train_loader=train(lambda x: x.double()),
        val_loader=val(lambda x: x.to(torch.float64)),
    )
