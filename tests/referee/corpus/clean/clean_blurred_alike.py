"""All images blurred alike, in both sets, by a transform that draws its strength from one value."""

from referee_corpus.base import game_loader, kit
from torchvision.transforms import v2


def build():
    blur = v2.GaussianBlur(3, (1.0, 1.0))
    return kit(
        train_loader=game_loader("train", transform=blur),
        val_loader=game_loader("val", transform=blur),
    )
