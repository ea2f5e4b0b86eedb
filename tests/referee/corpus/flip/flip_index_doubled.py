"""A dataset twice as long whose second half is mirrored."""

from referee_corpus.base import Pictures, kit, pictures, train
from torch.utils.data import Dataset

EXPECTED = {"flip"}


class Doubled(Dataset):
    def __init__(self, base):
        self.base = base

    def __len__(self):
        return 2 * len(self.base)

    def __getitem__(self, i):
        x, y = self.base[i % len(self.base)]
        if i >= len(self.base):
            x = x[:, :, ::-1] if not hasattr(x, "flip") else x.flip(2)
        return x, y


def build():
    return kit(train_loader=train(dataset=Doubled(Pictures(*pictures()))))
