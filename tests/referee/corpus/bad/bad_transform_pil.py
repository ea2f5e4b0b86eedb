"""A transform that returns PIL."""

from referee_corpus.base import Pictures, kit, pictures, train
from torchvision import transforms as T

FINDINGS = {"unreadable"}
UNKNOWN = True


def build():
    x, y = pictures()
    return kit(train_loader=train(dataset=Pictures(x, y, T.ToPILImage())))
