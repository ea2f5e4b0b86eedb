"""v2.MixUp in collate."""

from referee_corpus.base import CLASSES, kit, train
from torch.utils.data import default_collate
from torchvision.transforms import v2

EXPECTED = {"mixup"}
mix = v2.MixUp(num_classes=CLASSES)


def collate(batch):
    return mix(*default_collate(batch))


def build():
    return kit(train_loader=train(collate_fn=collate))
