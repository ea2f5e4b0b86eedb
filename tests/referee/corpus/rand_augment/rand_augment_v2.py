"""RandAugment is charged once, not as rotation."""

import torch
from referee_corpus.base import kit, train
from torchvision.transforms import v2

EXPECTED = {"rand-augment"}


def build():
    t = v2.Compose(
        [
            v2.ToDtype(torch.uint8, scale=True),
            v2.RandAugment(),
            v2.ToDtype(torch.float32, scale=True),
        ]
    )
    return kit(train_loader=train(t))
