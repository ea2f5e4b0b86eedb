"""GaussianBlur of v1 behind RandomApply."""

from referee_corpus.base import kit, train
from torchvision import transforms as T

EXPECTED = {"blur"}


def build():
    return kit(train_loader=train(T.RandomApply([T.GaussianBlur(3, (0.5, 1.5))], p=0.5)))
