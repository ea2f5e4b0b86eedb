"""A second, mirrored copy of the data joined to the first."""

from referee_corpus.base import Pictures, kit, pictures, train
from torch.utils.data import ConcatDataset

EXPECTED = {"flip"}


def build():
    x, y = pictures()
    both = ConcatDataset([Pictures(x, y), Pictures(x, y, lambda i: i.flip(-1))])
    return kit(train_loader=train(dataset=both))
