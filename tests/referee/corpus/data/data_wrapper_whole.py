"""A student's wrapper around the whole dataset."""

from referee_corpus.base import game_loader, kit, train, val
from torch.utils.data import Dataset

EXPECTED = {"more-data"}


class Wrapper(Dataset):
    def __init__(self, inner):
        self.inner = inner

    def __len__(self):
        return len(self.inner)

    def __getitem__(self, i):
        x, y = self.inner[i]
        return x * 2 - 1, y


def build():
    return kit(
        train_loader=train(dataset=Wrapper(game_loader(fraction=1.0).dataset)),
        val_loader=val(lambda x: x * 2 - 1),
        allowance=170,
    )
