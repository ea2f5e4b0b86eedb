"""Half of the pixels dropped, of normalised images."""

from referee_corpus.base import Net, kit, train, val
from torch import nn
from torchvision.transforms import v2

EXPECTED = {"dropout"}


def build():
    normal = v2.Normalize([0.5] * 3, [0.25] * 3)
    return kit(
        model=nn.Sequential(nn.Dropout(0.5), Net()),
        train_loader=train(normal), val_loader=val(normal),
    )  # fmt: skip
