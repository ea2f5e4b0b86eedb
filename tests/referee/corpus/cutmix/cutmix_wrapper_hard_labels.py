"""A wrapper that pastes the middle of another image and keeps the larger part's label."""

import random

from referee_corpus.base import Pictures, kit, pictures, train
from torch.utils.data import Dataset

EXPECTED = {"cutmix"}


class Pasted(Dataset):
    def __init__(self, base):
        self.base = base

    def __len__(self):
        return len(self.base)

    def __getitem__(self, i):
        x, y = self.base[i]
        if random.random() < 0.5:
            other, _ = self.base[random.randrange(len(self))]
            r, c = random.randint(0, 18), random.randint(0, 18)
            x = x.clone()
            x[:, r : r + 14, c : c + 14] = other[:, r : r + 14, c : c + 14]
        return x, y


def build():
    return kit(train_loader=train(dataset=Pasted(Pictures(*pictures()))))
