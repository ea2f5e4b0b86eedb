"""All images mirrored once and for all, in both sets: a camera mounted in a mirror."""

from referee_corpus.base import kit, train, val
from torchvision.transforms import functional as TF


def build():
    return kit(train_loader=train(TF.hflip), val_loader=val(TF.hflip))
