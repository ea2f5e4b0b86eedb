"""Activations recomputed in the backward pass to save memory."""

from referee_corpus.base import Net, kit
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint


class Saving(Net):
    def forward(self, x):
        x = checkpoint(self.features, x, use_reentrant=False)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


def build():
    return kit(model=Saving())
