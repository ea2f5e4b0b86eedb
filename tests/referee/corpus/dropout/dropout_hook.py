"""A forward hook that drops activations of the first linear layer."""

from referee_corpus.base import Net, kit
from torch.nn import functional as F

EXPECTED = {"dropout"}


def build():
    model = Net()
    model.fc1.register_forward_hook(lambda m, i, out: F.dropout(out, 0.25, m.training))
    return kit(model=model)
