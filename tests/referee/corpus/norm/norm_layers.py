"""Layer, group and instance norms."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"layer-norm": 1, "group-norm": 1, "instance-norm": 1}


class Norms(Net):
    def __init__(self):
        super().__init__()
        self.g, self.i, self.l = nn.GroupNorm(4, 32), nn.InstanceNorm2d(64), nn.LayerNorm(64)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.g(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.i(self.conv2(x))), 2)
        return self.fc2(self.l(F.relu(self.fc1(x.flatten(1)))))


def build():
    return kit(model=Norms())
