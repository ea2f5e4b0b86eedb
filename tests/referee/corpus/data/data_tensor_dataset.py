"""More images than allowed from a plain tensor dataset, without the game's objects."""

from referee_corpus.base import kit, pictures, train
from torch.utils.data import TensorDataset

EXPECTED = {"more-data"}


def build():
    x, y = pictures(240)
    return kit(train_loader=train(dataset=TensorDataset(x.float() / 255, y)), allowance=168)
