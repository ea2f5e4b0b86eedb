"""Elastic deformation from scipy."""

import numpy as np
import torch
from referee_corpus.base import Pictures, kit, pictures, train

EXPECTED = {"warp"}


class Elastic(Pictures):
    def __getitem__(self, i):
        from scipy import ndimage

        img = self.images[i].float().numpy() / 255
        dx, dy = (
            ndimage.gaussian_filter(np.random.uniform(-1, 1, (32, 32)), 4) * 60 for _ in range(2)
        )
        r, c = np.meshgrid(np.arange(32), np.arange(32), indexing="ij")
        out = np.stack(
            [ndimage.map_coordinates(ch, [r + dy, c + dx], order=1, mode="reflect") for ch in img]
        )
        return torch.from_numpy(out), int(self.labels[i])


def build():
    return kit(train_loader=train(dataset=Elastic(*pictures())))
