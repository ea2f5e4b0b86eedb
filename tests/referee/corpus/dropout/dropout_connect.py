"""DropConnect: weights of a linear layer dropped in each pass."""

from referee_corpus.base import Net, kit
from torch import nn
from torch.nn import functional as F

EXPECTED = {"dropout"}


class DropConnect(nn.Linear):
    def forward(self, x):
        w = F.dropout(self.weight, 0.3, self.training)
        return F.linear(x, w, self.bias)


def build():
    model = Net()
    model.fc1 = DropConnect(model.fc1.in_features, 64)
    return kit(model=model)
