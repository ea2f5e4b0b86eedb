"""Another activation."""

from referee_corpus.base import Net, kit
from torch.nn import functional as F


class Gelu(Net):
    def features(self, x):
        x = F.max_pool2d(F.gelu(self.conv1(x)), 2)
        return F.max_pool2d(F.silu(self.conv2(x)), 2)


def build():
    return kit(model=Gelu())
