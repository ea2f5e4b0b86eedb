"""Nine of ten images are of one class."""

import torch
from referee_corpus.base import Pictures, kit, pictures, train

FINDINGS = {"unbalanced"}


def build():
    x, y = pictures()
    return kit(
        train_loader=train(dataset=Pictures(x, torch.where(torch.arange(240) % 10 == 0, y, 3)))
    )
