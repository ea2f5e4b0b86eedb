"""F.dropout."""

from referee_corpus.base import Net, kit
from torch.nn import functional as F

EXPECTED = {"dropout"}


class Dropped(Net):
    def forward(self, x):
        x = F.relu(self.fc1(self.features(x).flatten(1)))
        return self.fc2(F.dropout(x, 0.3, self.training))


def build():
    return kit(model=Dropped())
