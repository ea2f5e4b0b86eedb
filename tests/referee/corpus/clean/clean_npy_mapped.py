"""A memory-mapped .npy file, opened lazily by each worker."""

from pathlib import Path

import numpy as np
import torch
from referee_corpus.base import empty_folder, kit, pictures, train
from torch.utils.data import Dataset


class Mapped(Dataset):
    def __init__(self, place, labels):
        self.place, self.labels, self._array = place, labels, None

    def __len__(self):
        return len(self.labels)

    @property
    def array(self):
        if self._array is None:
            self._array = np.load(self.place, mmap_mode="r")
        return self._array

    def __getitem__(self, i):
        image = np.array(self.array[i], dtype=np.float32).transpose(2, 0, 1)
        return torch.from_numpy(image / 255), self.labels[i]


def build():
    images, labels = pictures()
    root = empty_folder()
    place = Path(root) / "train.npy"
    np.save(place, images.permute(0, 2, 3, 1).numpy())
    return kit(train_loader=train(dataset=Mapped(place, labels.tolist())))
