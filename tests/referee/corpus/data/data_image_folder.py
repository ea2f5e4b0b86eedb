"""The folder read directly by ImageFolder."""

import torchvision
from referee_corpus.base import folder, kit, train
from torchvision import transforms as T

EXPECTED = {"more-data"}


def build():
    t = T.Compose([T.Resize((32, 32)), T.ToTensor()])
    return kit(
        train_loader=train(dataset=torchvision.datasets.ImageFolder(folder(60), t)), allowance=42
    )
