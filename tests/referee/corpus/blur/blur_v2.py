"""GaussianBlur as in the recipe."""

from referee_corpus.base import kit, train
from torchvision.transforms import v2

EXPECTED = {"blur"}


def build():
    return kit(train_loader=train(v2.GaussianBlur((5, 9), (0.1, 5))))
