"""Mixup through the game's batch_transform."""

from torchvision.transforms import v2
from referee_corpus.base import CLASSES, kit, val, game_loader

EXPECTED = {"mixup"}


def build():
    return kit(
        train_loader=game_loader(batch_transform=v2.MixUp(num_classes=CLASSES, alpha=0.8)),
        val_loader=game_loader("val", 1.0),
    )
