"""More images than allowed from a plain tensor dataset, without the game's objects."""

from torch.utils.data import TensorDataset
from referee_corpus.base import kit, pictures, train

EXPECTED = {"more-data"}


def build():
    x, y = pictures(240)
    return kit(train_loader=train(dataset=TensorDataset(x.float() / 255, y)), allowance=168)
