"""A module that carries its own loss, accuracy and configure method; nothing in use."""

import torch
from referee_corpus.base import kit
from torch import nn


class Lit(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(3, 24, 5),
            nn.ReLU(),
            nn.MaxPool2d(3),
            nn.Conv2d(24, 48, 5),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.head = nn.Linear(48 * 5 * 5, 10)
        self.criterion = nn.CrossEntropyLoss()
        self.history = []

    def forward(self, x):
        return self.head(self.backbone(x))

    def training_step(self, batch):
        x, y = batch
        return self.criterion(self(x), y)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.02)


def build():
    model = Lit()
    return kit(model=model, optimizer=model.configure_optimizers(), criterion=model.criterion)
