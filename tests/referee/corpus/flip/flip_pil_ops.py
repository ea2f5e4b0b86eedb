"""ImageOps.mirror by a coin, images from a folder."""

import random

from PIL import ImageOps
from referee_corpus.base import folder, kit, train, val
from torchvision import datasets, transforms

EXPECTED = {"flip"}


def maybe(image):
    return ImageOps.mirror(image) if random.getrandbits(1) else image


def build():
    plain = transforms.Compose([transforms.Resize((32, 32)), transforms.ToTensor()])
    noisy = transforms.Compose([maybe, transforms.Resize((32, 32)), transforms.ToTensor()])
    return kit(
        train_loader=train(dataset=datasets.ImageFolder(folder(60), noisy), batch_size=16),
        val_loader=val(dataset=datasets.ImageFolder(folder(30, seed=5), plain)),
    )
