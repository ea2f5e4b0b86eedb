"""Batch norm of feature maps and a last batch of one."""

from referee_corpus.base import Net, Pictures, kit, pictures, train
from torch import nn
from torch.utils.data import Subset

EXPECTED = {"batch-norm"}
FINDINGS = {"last-batch-of-one"}


class Normed(Net):
    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm2d(3)

    def forward(self, x):
        return super().forward(self.bn(x))


def build():
    data = Subset(Pictures(*pictures()), range(225))
    return kit(model=Normed(), train_loader=train(dataset=data))
