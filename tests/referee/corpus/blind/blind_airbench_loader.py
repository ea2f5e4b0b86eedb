"""An airbench-like loader: the whole set in memory, flipped and cropped by batch."""

import torch
from referee_corpus.base import kit, pictures
from torch.nn import functional as F

EXPECTED = {"flip", "shift"}


class CifarLoader:
    def __init__(self, images, labels, batch_size=32):
        self.images, self.labels, self.batch_size = images, labels, batch_size
        self.epoch = 0

    def __len__(self):
        return len(self.images) // self.batch_size

    def __iter__(self):
        images = F.pad(self.images, (2,) * 4, "reflect")
        sx, sy = (int(v) for v in torch.randint(0, 5, (2,)))
        images = images[:, :, sy : sy + 32, sx : sx + 32]
        mask = (torch.rand(len(images)) < 0.5).view(-1, 1, 1, 1)
        images = torch.where(mask, images.flip(-1), images)
        self.epoch += 1
        order = torch.randperm(len(images))
        for i in range(len(self)):
            idx = order[i * self.batch_size : (i + 1) * self.batch_size]
            yield images[idx], self.labels[idx]


def build():
    x, y = pictures()
    return kit(train_loader=CifarLoader(x.float() / 255, y))
