"""RMSNorm before the last layer."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"layer-norm"}


class Rms(Net):
    def __init__(self):
        super().__init__()
        self.norm = nn.RMSNorm(64)

    def forward(self, x):
        return self.fc2(self.norm(F.relu(self.fc1(self.features(x).flatten(1)))))


def build():
    return kit(model=Rms())
