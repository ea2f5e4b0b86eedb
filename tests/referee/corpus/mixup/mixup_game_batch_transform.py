"""Mixup through the game's batch_transform."""

from referee_corpus.base import CLASSES, game_loader, kit
from torchvision.transforms import v2

EXPECTED = {"mixup"}


def build():
    return kit(
        train_loader=game_loader(batch_transform=v2.MixUp(num_classes=CLASSES, alpha=0.8)),
        val_loader=game_loader("val", 1.0),
    )
