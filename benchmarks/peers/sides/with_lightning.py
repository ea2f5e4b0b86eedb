"""Lightning: a LightningModule and the Trainer, without logger, checkpoints and progress bar."""

import logging
import warnings
from typing import Any

import lightning
import torch
from torch import Tensor, nn

from peers.clock import Clock, Task
from peers.sides.by_hand import loaders


class Classifier(lightning.LightningModule):
    """The model, written as in Lightning's introduction."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.model = task.work.model(task.seed)
        self.task = task

    def training_step(self, batch: Any, _number: int) -> Tensor:
        """Return the loss of a batch."""
        images, labels = batch
        scores = self.model(images)
        loss = nn.functional.cross_entropy(scores, labels)
        accuracy = (scores.argmax(1) == labels).float().mean()
        self.log_dict({"train_loss": loss, "train_acc": accuracy}, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch: Any, _number: int) -> None:
        """Evaluate a batch."""
        images, labels = batch
        scores = self.model(images)
        accuracy = (scores.argmax(1) == labels).float().mean()
        self.log_dict(
            {"val_loss": nn.functional.cross_entropy(scores, labels), "val_acc": accuracy}
        )

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return the optimizer."""
        return self.task.work.optimizer_for(self.model)


class Timed(lightning.Callback):
    """Records the epoch boundaries and keeps its loss."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.losses = clock, list[float]()

    def on_train_epoch_start(self, *_: Any) -> None:
        """Record the time."""
        self.clock.epoch_begins()

    def on_validation_start(self, trainer: Any, _module: Any) -> None:
        """Record the time, except for the sanity check before the first epoch."""
        if not trainer.sanity_checking:
            self.clock.training_ends()

    def on_train_epoch_end(self, trainer: Any, _module: Any) -> None:
        """Record the loss."""
        self.losses.append(float(trainer.callback_metrics["train_loss"]))


def train(task: Task, clock: Clock, precision: str = "32-true") -> tuple[nn.Module, list[float]]:
    """Train, and return the model and the training loss of each epoch."""
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", ".*does not have many workers.*")
    timed = Timed(clock)
    trainer = lightning.Trainer(
        max_epochs=task.epochs,
        precision=precision,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[timed],
    )
    classifier = Classifier(task)
    trainer.fit(classifier, *loaders(task))
    clock.fit_ends()
    return classifier.model, timed.losses


def train_bf16(task: Task, clock: Clock) -> tuple[nn.Module, list[float]]:
    """Train with the Trainer's own switch for bf16 autocast."""
    return train(task, clock, "bf16-mixed")
