"""Progressive resizing: each batch has a random size, as in multi-scale training."""

import random

from referee_corpus.base import kit, train
from torch import nn
from torch.nn import functional as F
from torch.utils.data import default_collate

EXPECTED = {"resampling"}


def collate(batch):
    x, y = default_collate(batch)
    size = random.choice([24, 32, 40])
    return F.interpolate(x, size=(size, size), mode="bilinear", align_corners=False), y


def build():
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(4),
        nn.Flatten(),
        nn.Linear(512, 10),
    )
    return kit(model=model, train_loader=train(collate_fn=collate))
