"""Enlarged, then the middle cut out; the same for validation."""

from referee_corpus.base import kit, train, val
from torchvision.transforms import v2


def build():
    t = v2.Compose([v2.Resize(40), v2.CenterCrop(32)])
    return kit(train_loader=train(t), val_loader=val(t))
