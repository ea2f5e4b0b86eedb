"""A handwritten loop: a DataLoader, torchvision's transforms, plain PyTorch."""

from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader

from peers.clock import VALIDATION_BATCH, Clock, Task, device
from peers.images import InMemory
from peers.works import augmentation


def loaders(task: Task) -> tuple[DataLoader[Any], DataLoader[Any]]:
    """Return the DataLoaders of all sides that take one."""
    train = InMemory(*task.images("train"), augmentation())
    val = InMemory(*task.images("val"))
    workers = {"num_workers": task.workers, "persistent_workers": task.workers > 0}
    return (
        DataLoader(train, batch_size=task.work.batch, shuffle=True, **workers),
        DataLoader(val, batch_size=VALIDATION_BATCH, **workers),
    )


def train(task: Task, clock: Clock) -> tuple[nn.Module, list[float]]:
    """Train, and return the model and the training loss of each epoch."""
    there = device()
    train_loader, val_loader = loaders(task)
    model = task.work.model(task.seed).to(there)
    optimizer = task.work.optimizer_for(model)
    criterion = nn.CrossEntropyLoss()
    losses = []
    for _ in range(task.epochs):
        clock.epoch_begins()
        model.train()
        total = correct = count = 0
        for batch, targets in train_loader:
            images, labels = batch.to(there), targets.to(there)
            optimizer.zero_grad()
            scores = model(images)
            loss = criterion(scores, labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
            correct += (scores.argmax(1) == labels).sum().item()
            count += len(labels)
        losses.append(total / count)
        clock.training_ends()
        model.eval()
        with torch.no_grad():
            for batch, targets in val_loader:
                images, labels = batch.to(there), targets.to(there)
                scores = model(images)
                criterion(scores, labels).item()
                (scores.argmax(1) == labels).sum().item()
    clock.fit_ends()
    return model, losses
