"""An activation with random slopes."""

from referee_corpus.base import Net, kit
from torch.nn import functional as F


class Randomly(Net):
    def features(self, x):
        x = F.max_pool2d(F.rrelu(self.conv1(x), training=self.training), 2)
        return F.max_pool2d(F.relu(self.conv2(x)), 2)


def build():
    return kit(model=Randomly())
