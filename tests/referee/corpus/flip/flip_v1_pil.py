"""RandomHorizontalFlip of v1 on PIL images from a folder."""

import torchvision
from referee_corpus.base import folder, kit, train
from torchvision import transforms as T

EXPECTED = {"flip"}


def build():
    t = T.Compose([T.RandomHorizontalFlip(), T.Resize((32, 32)), T.ToTensor()])
    return kit(train_loader=train(dataset=torchvision.datasets.ImageFolder(folder(), t)))
