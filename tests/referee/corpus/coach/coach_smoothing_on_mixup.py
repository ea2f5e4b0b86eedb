"""Label smoothing on top of mixup."""

from referee_corpus.base import CLASSES, kit, train
from torch import nn
from torch.utils.data import default_collate
from torchvision.transforms import v2

EXPECTED = {"mixup", "label-smoothing"}
FINDINGS = {"smoothing-on-mixup"}
mix = v2.MixUp(num_classes=CLASSES)


def build():
    return kit(
        train_loader=train(collate_fn=lambda b: mix(*default_collate(b))),
        criterion=nn.CrossEntropyLoss(label_smoothing=0.1),
    )
