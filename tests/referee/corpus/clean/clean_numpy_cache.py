"""Decoded arrays in a cache of .npy files, read back memory-mapped."""

import os

import numpy as np
import torch
from PIL import Image
from referee_corpus.base import empty_folder, folder, kit, train, val
from torch.utils.data import Dataset
from torchvision.datasets import ImageFolder


class Cached(Dataset):
    def __init__(self, root, size=32):
        self.samples_ = ImageFolder(root).samples
        self.cache, self.size = os.path.join(empty_folder(), "arrays"), size

    def __len__(self):
        return len(self.samples_)

    def __getitem__(self, i):
        os.makedirs(self.cache, exist_ok=True)
        path, label = self.samples_[i]
        place = os.path.join(self.cache, f"{i:06}.npy")
        if not os.path.isfile(place):
            image = Image.open(path).convert("RGB").resize((self.size, self.size))
            np.save(place, np.asarray(image))
        array = np.load(place, mmap_mode="r")
        return torch.from_numpy(array.astype(np.float32) / 255).permute(2, 0, 1), label


def build():
    return kit(
        train_loader=train(dataset=Cached(folder(60)), batch_size=16),
        val_loader=val(dataset=Cached(folder(30, seed=5))),
    )
