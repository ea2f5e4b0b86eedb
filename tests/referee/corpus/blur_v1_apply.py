"""GaussianBlur of v1 behind RandomApply."""

from torchvision import transforms as T
from referee_corpus.base import kit, train

EXPECTED = {"blur"}


def build():
    return kit(train_loader=train(T.RandomApply([T.GaussianBlur(3, (0.5, 1.5))], p=0.5)))
