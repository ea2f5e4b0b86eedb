"""Weight norm by parametrization on the first linear layer."""

from referee_corpus.base import Net, kit
from torch.nn.utils.parametrizations import weight_norm

EXPECTED = {"weight-norm"}


def build():
    model = Net()
    weight_norm(model.fc1)
    return kit(model=model)
