"""v2.CutMix in collate."""

from referee_corpus.base import CLASSES, kit, train
from torch.utils.data import default_collate
from torchvision.transforms import v2

EXPECTED = {"cutmix"}


def build():
    cut = v2.CutMix(num_classes=CLASSES)
    return kit(train_loader=train(collate_fn=lambda batch: cut(*default_collate(batch))))
