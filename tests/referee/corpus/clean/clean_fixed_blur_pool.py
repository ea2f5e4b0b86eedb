"""A fixed smoothing kernel held as a buffer is no layer."""

import torch
from referee_corpus.base import Net, kit
from torch.nn import functional as F


class BlurPool(Net):
    def __init__(self):
        super().__init__()
        self.register_buffer("kernel", torch.ones(32, 1, 3, 3) / 9)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.conv2d(x, self.kernel, padding=1, groups=32)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


def build():
    return kit(model=BlurPool())
