"""RandomHorizontalFlip of v1 on PIL images from a folder."""

import torchvision
from torchvision import transforms as T
from referee_corpus.base import kit, train, folder

EXPECTED = {"flip"}


def build():
    t = T.Compose([T.RandomHorizontalFlip(), T.Resize((32, 32)), T.ToTensor()])
    return kit(train_loader=train(dataset=torchvision.datasets.ImageFolder(folder(), t)))
