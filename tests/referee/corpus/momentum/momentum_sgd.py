"""SGD with momentum."""

import torch
from referee_corpus.base import kit

EXPECTED = {"momentum"}


def build():
    return kit(optimizer=lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9))
