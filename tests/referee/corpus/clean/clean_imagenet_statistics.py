"""Normalised by ImageNet's numbers, because every tutorial does."""

from referee_corpus.base import kit, train, val
from torchvision import transforms

normalize = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])


def build():
    return kit(train_loader=train(normalize), val_loader=val(normalize))
