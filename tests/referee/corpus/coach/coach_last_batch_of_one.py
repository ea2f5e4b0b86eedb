"""Batch norm and a last batch of one."""

from referee_corpus.base import Net, Pictures, kit, pictures, train
from torch import nn
from torch.nn import functional as F
from torch.utils.data import Subset

EXPECTED = {"batch-norm"}
FINDINGS = {"last-batch-of-one"}


class Normed(Net):
    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm1d(64)

    def forward(self, x):
        return self.fc2(F.relu(self.bn(self.fc1(self.features(x).flatten(1)))))


def build():
    data = Subset(Pictures(*pictures()), range(225))
    return kit(model=Normed(), train_loader=train(dataset=data))
