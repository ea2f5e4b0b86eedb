"""The game's batch_transform mirrors some images of a batch."""

import torch
from referee_corpus.base import game_loader, kit

EXPECTED = {"flip"}


def some(images, labels):
    mask = torch.rand(len(images)) < 0.5
    images = torch.where(mask[:, None, None, None], images.flip(-1), images)
    return images, labels


def build():
    return kit(train_loader=game_loader(batch_transform=some), val_loader=game_loader("val", 1.0))
