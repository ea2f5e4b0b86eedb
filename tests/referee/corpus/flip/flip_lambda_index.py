"""Index arithmetic in a Lambda."""

import torch
from referee_corpus.base import kit, train
from torchvision.transforms import v2

EXPECTED = {"flip"}


def build():
    mirror = v2.Lambda(
        lambda x: x[..., torch.arange(x.shape[-1] - 1, -1, -1)] if torch.rand(1) < 0.5 else x
    )
    return kit(train_loader=train(mirror))
