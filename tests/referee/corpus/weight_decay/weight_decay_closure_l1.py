"""An L1 term in a loss function that sees the model as a global."""

from referee_corpus.base import Net, kit
from torch.nn import functional as F

EXPECTED = {"weight-decay"}


def build():
    model = Net()

    def loss(outputs, targets):
        return F.cross_entropy(outputs, targets) + 1e-5 * sum(
            p.abs().sum() for p in model.parameters()
        )

    return kit(model=model, criterion=loss)
