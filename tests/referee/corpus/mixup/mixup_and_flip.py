"""Mixup and flips together."""

from referee_corpus.base import CLASSES, kit, train
from torch.utils.data import default_collate
from torchvision.transforms import v2

EXPECTED = {"mixup", "flip"}
mix = v2.MixUp(num_classes=CLASSES)


def build():
    return kit(
        train_loader=train(v2.RandomHorizontalFlip(), collate_fn=lambda b: mix(*default_collate(b)))
    )
