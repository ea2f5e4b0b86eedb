"""A dataset that also returns the index; the collate drops it."""

import torch
from referee_corpus.base import Pictures, kit, pictures, train, val


class Indexed(Pictures):
    def __getitem__(self, i):
        x, y = super().__getitem__(i)
        return x, y, i


def drop(batch):
    x, y, _ = zip(*batch)
    return torch.stack(x), torch.tensor(y)


def build():
    return kit(
        train_loader=train(dataset=Indexed(*pictures()), collate_fn=drop),
        val_loader=val(dataset=Indexed(*pictures(80, seed=1)), collate_fn=drop),
    )
