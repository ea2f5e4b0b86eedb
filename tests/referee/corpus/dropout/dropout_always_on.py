"""Monte Carlo dropout: training=True in evaluation as well."""

from referee_corpus.base import Net, kit
from torch.nn import functional as F

EXPECTED = {"dropout"}
ALSO = {"tta"}


class MonteCarlo(Net):
    def forward(self, x):
        h = F.relu(self.fc1(self.features(x).flatten(1)))
        return self.fc2(F.dropout(h, 0.5, training=True))


def build():
    return kit(model=MonteCarlo())
