"""Images of different sizes padded to the largest of the batch, bottom and right."""

import torch
from referee_corpus.base import kit, pictures, train, val
from torch import nn
from torch.nn import functional as F
from torch.utils.data import Dataset


class Uneven(Dataset):
    def __init__(self, images, labels):
        self.images, self.labels = images, labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        height, width = 24 + i % 9, 24 + (i * 7) % 9
        return self.images[i, :, :height, :width].float() / 255, self.labels[i]


def pad(batch):
    height = max(x.shape[1] for x, _ in batch)
    width = max(x.shape[2] for x, _ in batch)
    images = [F.pad(x, (0, width - x.shape[2], 0, height - x.shape[1])) for x, _ in batch]
    return torch.stack(images), torch.stack([y for _, y in batch])


def build():
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 10),
    )
    return kit(
        model=model,
        train_loader=train(dataset=Uneven(*pictures()), collate_fn=pad),
        val_loader=val(dataset=Uneven(*pictures(80, seed=1)), collate_fn=pad),
    )
