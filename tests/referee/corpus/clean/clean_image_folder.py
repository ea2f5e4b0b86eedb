"""ImageFolder with Resize and ToTensor, all of it allowed."""

import torchvision
from referee_corpus.base import folder, kit, train, val
from torchvision import transforms as T


def build():
    t = T.Compose([T.Resize((32, 32)), T.ToTensor()])
    return kit(
        train_loader=train(dataset=torchvision.datasets.ImageFolder(folder(), t)),
        val_loader=val(dataset=torchvision.datasets.ImageFolder(folder(30, seed=3), t)),
        allowance=60,
    )
