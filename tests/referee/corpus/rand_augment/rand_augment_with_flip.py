"""TrivialAugmentWide and a flip besides."""

import torch
from referee_corpus.base import kit, train
from torchvision.transforms import v2

EXPECTED = {"rand-augment", "flip"}


def build():
    t = v2.Compose(
        [
            v2.RandomHorizontalFlip(),
            v2.ToDtype(torch.uint8, scale=True),
            v2.TrivialAugmentWide(),
            v2.ToDtype(torch.float32, scale=True),
        ]
    )
    return kit(train_loader=train(t))
