"""A forward that returns scores and features."""

from referee_corpus.base import Net, kit
from torch.nn import functional as F

FINDINGS = {"targets-mismatch"}


class Two(Net):
    def forward(self, x):
        h = F.relu(self.fc1(self.features(x).flatten(1)))
        return self.fc2(h), h


def build():
    return kit(model=Two())
