"""What most notebooks begin with: small images, the baseline network, plain loaders."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

CLASSES = 10
SIZE = 32


def pictures(count=240, size=SIZE, seed=0):
    """Smooth blobs with grain, uint8 (count, 3, size, size), and labels 0..9 in equal parts."""
    rng = np.random.default_rng(seed)
    coarse = torch.from_numpy(rng.random((count, 3, 5, 5), dtype=np.float32))
    smooth = F.interpolate(coarse, size=(size, size), mode="bilinear", align_corners=True)
    grain = torch.from_numpy(rng.random((count, 3, size, size), dtype=np.float32))
    images = ((0.8 * smooth + 0.2 * grain) * 255).round().to(torch.uint8)
    labels = torch.arange(count) % CLASSES
    return images, labels


class Pictures(Dataset):
    """A plain dataset: floats in [0, 1], and a transform."""

    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        image = self.images[i].float() / 255
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[i])


class Net(nn.Module):
    def __init__(self, size=SIZE):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, kernel_size=5, padding=2)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=5, padding=2)
        with torch.no_grad():
            width = self.features(torch.zeros(1, 3, size, size)).numel()
        self.fc1 = nn.Linear(width, 64)
        self.fc2 = nn.Linear(64, CLASSES)

    def features(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return x

    def forward(self, x):
        x = self.features(x).flatten(1)
        x = F.relu(self.fc1(x))
        return self.fc2(x)


def train(transform=None, dataset=None, **options):
    """The training loader."""
    if dataset is None:
        dataset = Pictures(*pictures(), transform)
    return DataLoader(dataset, **{"batch_size": 32, "shuffle": True, **options})


def val(transform=None, dataset=None, **options):
    """The validation loader."""
    if dataset is None:
        dataset = Pictures(*pictures(80, seed=1), transform)
    return DataLoader(dataset, batch_size=64, **options)


def kit(**parts):
    """The baseline notebook with some parts replaced."""
    model = parts.pop("model", None)
    model = Net() if model is None else model
    optimizer = parts.pop("optimizer", None)
    if optimizer is None:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    elif not hasattr(optimizer, "param_groups"):
        optimizer = optimizer(model.parameters())
    scheduler = parts.pop("scheduler", None)
    if callable(scheduler) and not hasattr(scheduler, "step"):
        scheduler = scheduler(optimizer)
    return {
        "model": model,
        "optimizer": optimizer,
        "criterion": parts.pop("criterion", nn.CrossEntropyLoss()),
        "train_loader": parts.pop("train_loader") if "train_loader" in parts else train(),
        "val_loader": parts.pop("val_loader") if "val_loader" in parts else val(),
        "scheduler": scheduler,
        **parts,
    }


def game_loader(split="train", fraction=0.7, transform=None, **options):
    """What ``game.loader`` returns."""
    from jupyter_classgame.data.data_loader import make_loader
    from jupyter_classgame.data.dataset import GameDataset
    from jupyter_classgame.data.images.image_sets import ImageSets, ResidentImages

    if "sets" not in _GAME:
        sources = []
        for seed, count in ((0, 240), (1, 80), (2, 100)):
            images, labels = pictures(count, seed=seed)
            sources.append(ResidentImages(images, labels.numpy()))
        _GAME["sets"] = ImageSets(tuple("abcdefghij"), (SIZE, SIZE), *sources, fingerprint="0")
    dataset = GameDataset.of(_GAME["sets"], split, fraction, transform)
    return make_loader(dataset, **{"batch_size": 32, **options})


_GAME = {}


def game():
    """The game's image sets."""
    game_loader()
    return _GAME["sets"]


def empty_folder():
    """An empty folder that stays until the end."""
    import tempfile

    _FOLDERS.append(tempfile.TemporaryDirectory(prefix="corpus"))
    return _FOLDERS[-1].name


def folder(count=60, size=40, seed=0, classes=CLASSES):
    """A folder of PNG files, one folder a class; the caller keeps the returned object alive."""
    from pathlib import Path

    from PIL import Image

    root = empty_folder()
    images, labels = pictures(count, size, seed)
    for number, (image, label) in enumerate(zip(images, labels % classes, strict=True)):
        place = Path(root) / f"n{int(label)}"
        place.mkdir(exist_ok=True)
        Image.fromarray(image.permute(1, 2, 0).numpy()).save(place / f"{number}.png")
    return root


_FOLDERS = []
