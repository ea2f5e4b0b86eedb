"""A dataset of dictionaries, made pairs in collate."""

import torch
from referee_corpus.base import kit, pictures, train, val
from torch.utils.data import Dataset


class Records(Dataset):
    def __init__(self, images, labels):
        self.records = [
            {"pixels": i, "label": int(y), "id": f"img_{n:05}"}
            for n, (i, y) in enumerate(zip(images, labels))
        ]

    def __len__(self):
        return len(self.records)

    def __getitem__(self, i):
        return self.records[i]


def collate(records):
    x = torch.stack([r["pixels"] for r in records]).float().div_(255)
    return x, torch.tensor([r["label"] for r in records])


def build():
    return kit(
        train_loader=train(dataset=Records(*pictures()), collate_fn=collate),
        val_loader=val(dataset=Records(*pictures(80, seed=1)), collate_fn=collate),
    )
