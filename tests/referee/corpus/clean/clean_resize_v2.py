"""Resized and normalised with v2."""

from referee_corpus.base import kit, train, val
from torchvision.transforms import v2


def build():
    t = v2.Compose([v2.Resize((32, 32)), v2.Normalize([0.5] * 3, [0.5] * 3)])
    return kit(train_loader=train(t), val_loader=val(t))
