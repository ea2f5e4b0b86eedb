"""scipy.ndimage.rotate on arrays."""

import random

import torch
from referee_corpus.base import Pictures, kit, pictures, train

EXPECTED = {"rotation"}


class Spun(Pictures):
    def __getitem__(self, i):
        from scipy import ndimage

        img = self.images[i].numpy()
        img = ndimage.rotate(img, random.uniform(-20, 20), axes=(1, 2), reshape=False, order=1)
        return torch.from_numpy(img).float() / 255, int(self.labels[i])


def build():
    return kit(train_loader=train(dataset=Spun(*pictures())))
