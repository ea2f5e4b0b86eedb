"""An albumentations-like Compose of NumPy transforms with their own generator."""

import numpy as np
import torch
from referee_corpus.base import kit, pictures, train
from torch.utils.data import Dataset

EXPECTED = {"flip", "cutout", "colour-jitter"}


class Compose:
    def __init__(self, transforms, seed=None):
        self.transforms = transforms
        self.rng = np.random.default_rng(seed)
        for t in transforms:
            t.rng = self.rng

    def __call__(self, image):
        for t in self.transforms:
            if self.rng.random() < t.p:
                image = t.apply(image)
        return {"image": image}


class HorizontalFlip:
    p = 0.5

    def apply(self, image):
        return np.ascontiguousarray(image[:, ::-1])


class CoarseDropout:
    p = 0.4

    def apply(self, image):
        image = image.copy()
        for _ in range(self.rng.integers(1, 4)):
            y, x = self.rng.integers(0, 26, 2)
            image[y : y + 6, x : x + 6] = 0
        return image


class RandomBrightnessContrast:
    p = 0.5

    def apply(self, image):
        a, b = 1 + self.rng.uniform(-0.2, 0.2), self.rng.uniform(-0.2, 0.2)
        return np.clip(image * a + b * 255, 0, 255).astype(np.uint8)


class Images(Dataset):
    def __init__(self, transform):
        x, y = pictures()
        self.images, self.labels, self.transform = (
            x.permute(0, 2, 3, 1).numpy(),
            y.numpy(),
            transform,
        )

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        image = self.transform(image=self.images[i])["image"]
        return torch.from_numpy(image).permute(2, 0, 1).float() / 255, self.labels[i]


def build():
    return kit(
        train_loader=train(
            dataset=Images(
                Compose([HorizontalFlip(), CoarseDropout(), RandomBrightnessContrast()], 1)
            )
        )
    )
