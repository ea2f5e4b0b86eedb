"""The game's loader with a deterministic normalisation."""

from referee_corpus.base import game_loader, kit
from torchvision.transforms import v2


def build():
    t = v2.Normalize([0.5, 0.5, 0.5], [0.25, 0.25, 0.25])
    return kit(
        train_loader=game_loader(transform=t), val_loader=game_loader("val", 1.0, t), allowance=170
    )
