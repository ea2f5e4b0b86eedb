"""A list of paths and labels from a CSV file, decoded by PIL on demand and resized."""

import csv
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from referee_corpus.base import folder, kit, train, val
from torch.utils.data import Dataset


class FromCsv(Dataset):
    def __init__(self, table, size):
        with open(table, newline="") as handle:
            self.rows = list(csv.DictReader(handle))
        self.size = size

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        row = self.rows[i]
        image = (
            Image.open(row["path"]).convert("RGB").resize((self.size, self.size), Image.BILINEAR)
        )
        array = np.asarray(image, dtype=np.float32) / 255.0
        return torch.from_numpy(array).permute(2, 0, 1), int(row["label"])


def table(root):
    place = Path(root) / "index.csv"
    classes = sorted(p.name for p in Path(root).iterdir() if p.is_dir())
    with place.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["path", "label"])
        for path in sorted(Path(root).glob("*/*.png")):
            writer.writerow([path, classes.index(path.parent.name)])
    return place


def build():
    return kit(
        train_loader=train(dataset=FromCsv(table(folder(60)), 32), batch_size=16),
        val_loader=val(dataset=FromCsv(table(folder(30, seed=5)), 32)),
    )
