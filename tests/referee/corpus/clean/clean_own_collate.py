"""A collate function that only stacks."""

import torch
from referee_corpus.base import kit, train


def collate(batch):
    xs, ys = zip(*batch)
    return torch.stack(xs), torch.tensor(ys)


def build():
    return kit(train_loader=train(collate_fn=collate))
