"""A Keras-like ImageDataGenerator in NumPy."""

import numpy as np
import torch
from referee_corpus.base import kit, pictures, train
from torch.utils.data import Dataset

EXPECTED = {"rotation", "shift", "flip"}


class ImageDataGenerator:
    def __init__(
        self, rotation_range=0, width_shift_range=0.0, height_shift_range=0.0, horizontal_flip=False
    ):
        self.rotation_range, self.horizontal_flip = rotation_range, horizontal_flip
        self.width, self.height = width_shift_range, height_shift_range

    def random_transform(self, img):
        from scipy import ndimage

        if self.rotation_range:
            img = ndimage.rotate(
                img,
                np.random.uniform(-self.rotation_range, self.rotation_range),
                reshape=False,
                order=1,
                mode="nearest",
            )
        dy = np.random.uniform(-self.height, self.height) * img.shape[0]
        dx = np.random.uniform(-self.width, self.width) * img.shape[1]
        img = ndimage.shift(img, (dy, dx, 0), order=1, mode="nearest")
        if self.horizontal_flip and np.random.random() < 0.5:
            img = img[:, ::-1]
        return img


class Flow(Dataset):
    def __init__(self, generator):
        x, y = pictures()
        self.x, self.y, self.generator = x.permute(0, 2, 3, 1).numpy() / 255.0, y.numpy(), generator

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        img = self.generator.random_transform(self.x[i])
        return torch.from_numpy(np.ascontiguousarray(img.transpose(2, 0, 1))).float(), int(
            self.y[i]
        )


def build():
    return kit(train_loader=train(dataset=Flow(ImageDataGenerator(20, 0.1, 0.1, True))))
