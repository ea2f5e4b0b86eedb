"""Channels-last memory format for images and model."""

import torch
from referee_corpus.base import Net, kit, train


def build():
    model = Net().to(memory_format=torch.channels_last)

    def collate(batch):
        x = torch.stack([x for x, _ in batch]).contiguous(memory_format=torch.channels_last)
        return x, torch.tensor([y for _, y in batch])

    return kit(model=model, train_loader=train(collate_fn=collate))
