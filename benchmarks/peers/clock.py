"""The task of a side, and the clock that times it at its own epoch boundaries."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from peers import images
from peers.works import WORKS, Work

VALIDATION_BATCH = 256


@dataclass(frozen=True)
class Task:
    """The training task of every side."""

    folder: Path
    work_name: str
    epochs: int
    seed: int
    workers: int
    born: float

    @classmethod
    def read(cls, path: Path, born: float) -> "Task":
        """Read the task from a prepared folder; ``born`` is the start of this side's process."""
        fields = json.loads((path / "task.json").read_text())
        return cls(path, fields["work"], fields["epochs"], fields["seed"], fields["workers"], born)

    @property
    def work(self) -> Work:
        """The model and how it is trained."""
        return WORKS[self.work_name]

    def images(self, split: str) -> tuple[Tensor, Tensor]:
        """Return uint8 images (N, 3, H, W) and int64 labels (N,)."""
        return images.read(self.folder, split)


@dataclass
class Clock:
    """Seconds of training by epoch, and of the time between two epochs' training."""

    born: float
    begun: list[float] = field(default_factory=list)
    trained: list[float] = field(default_factory=list)
    over: float = 0.0

    def epoch_begins(self) -> None:
        """Record the start of the first batch."""
        self.begun.append(_now())

    def training_ends(self) -> None:
        """Record the end of the last step."""
        self.trained.append(_now())

    def fit_ends(self) -> None:
        """Record the return of the peer's ``fit``."""
        self.over = _now()

    def times(self) -> dict[str, Any]:
        """Return seconds: lists of ``train`` and ``rest`` by epoch, ``startup`` and ``whole``.

        ``begun`` are the times at which the epochs began.
        """
        assert len(self.begun) == len(self.trained), (len(self.begun), len(self.trained))
        ends = [*self.begun[1:], self.over]
        return {
            "startup": self.begun[0] - self.born,
            "train": [b - a for a, b in zip(self.begun, self.trained, strict=True)],
            "rest": [b - a for a, b in zip(self.trained, ends, strict=True)],
            "whole": self.over - self.born,
            "begun": self.begun,
        }


def device() -> str:
    """Return the device that all sides use."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def score(model: nn.Module, task: Task) -> dict[str, float]:
    """Measure loss and accuracy on the validation images, with the same code for all sides."""
    pixels, labels = task.images("val")
    there = next(model.parameters()).device
    before = model.training
    model.eval()
    loss = correct = 0.0
    with torch.no_grad():
        for start in range(0, len(labels), VALIDATION_BATCH):
            part = slice(start, start + VALIDATION_BATCH)
            scores = model(pixels[part].to(there).float() / 255).float()
            targets = labels[part].to(there)
            loss += nn.functional.cross_entropy(scores, targets, reduction="sum").item()
            correct += (scores.argmax(1) == targets).sum().item()
    model.train(before)
    return {"loss": loss / len(labels), "accuracy": correct / len(labels)}


def _now() -> float:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.time()
