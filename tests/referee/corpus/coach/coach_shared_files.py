"""The same files in both folders."""

import torchvision
from referee_corpus.base import folder, kit, train, val
from torch.utils.data import Subset
from torchvision import transforms as T

FINDINGS = {"shared-images"}


def build():
    t = T.Compose([T.Resize((32, 32)), T.ToTensor()])
    where = folder(60)
    one = torchvision.datasets.ImageFolder(where, t)
    return kit(
        train_loader=train(dataset=one),
        val_loader=val(dataset=Subset(torchvision.datasets.ImageFolder(where, t), range(20))),
    )
