"""Batch norm and batches of one image each."""

from referee_corpus.base import Net, kit, train
from torch import nn
from torch.nn import functional as F

EXPECTED = {"batch-norm"}
FINDINGS = {"last-batch-of-one"}


class Normed(Net):
    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm1d(64)

    def forward(self, x):
        return self.fc2(F.relu(self.bn(self.fc1(self.features(x).flatten(1)))))


def build():
    return kit(model=Normed(), train_loader=train(batch_size=1))
