"""Grey images of 28x28 in NumPy, one channel."""

import torch
from referee_corpus.base import kit, pictures, train, val
from torch import nn
from torch.utils.data import Dataset


class Grey(Dataset):
    def __init__(self, seed, n):
        x, y = pictures(n, 28, seed)
        self.data, self.targets = x.float().mean(1).byte().numpy(), y

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        return torch.from_numpy(self.data[i]).float().div(255)[None], self.targets[i]


def build():
    model = nn.Sequential(
        nn.Conv2d(1, 10, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(10, 20, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(320, 10),
    )
    return kit(
        model=model, train_loader=train(dataset=Grey(0, 240)), val_loader=val(dataset=Grey(1, 80))
    )
