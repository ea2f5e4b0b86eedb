"""One dataset object split in two: the augmentation hits validation too."""

import torch
from referee_corpus.base import Pictures, kit, pictures, train, val
from torch.utils.data import random_split
from torchvision.transforms import v2

EXPECTED = {"flip"}
FINDINGS = {"validation-augmented"}


def build():
    data = Pictures(*pictures(), v2.RandomHorizontalFlip())
    a, b = random_split(data, [192, 48], generator=torch.Generator().manual_seed(1))
    return kit(train_loader=train(dataset=a), val_loader=val(dataset=b))
