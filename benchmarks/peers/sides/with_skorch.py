"""skorch: a NeuralNetClassifier over the ordinary dataset, validated on a separate dataset."""

from typing import Any

import skorch
from skorch.callbacks import Callback
from skorch.helper import predefined_split
from torch import nn

from peers.clock import VALIDATION_BATCH, Clock, Task, device
from peers.images import InMemory
from peers.works import CLASSES, augmentation


class Timed(Callback):
    """Records the epoch boundaries; training ends with the last batch that is trained on."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.validating = clock, False

    def on_epoch_begin(self, *_: Any, **__: Any) -> None:
        """Record the time."""
        self.validating = False
        self.clock.epoch_begins()

    def on_batch_begin(self, *_: Any, training: bool = False, **__: Any) -> None:
        """Record the start of validation."""
        if not training and not self.validating:
            self.validating = True
            self.clock.training_ends()


def train(task: Task, clock: Clock) -> tuple[nn.Module, list[float]]:
    """Train, and return the model and the training loss of each epoch."""
    work = task.work
    net = skorch.NeuralNetClassifier(
        work.model(task.seed),
        criterion=nn.CrossEntropyLoss,
        classes=list(range(CLASSES)),
        optimizer=work.optimizer,
        **{f"optimizer__{name}": value for name, value in work.options.items()},
        max_epochs=task.epochs,
        batch_size=work.batch,
        iterator_train__shuffle=True,
        iterator_train__num_workers=task.workers,
        iterator_valid__batch_size=VALIDATION_BATCH,
        iterator_valid__num_workers=task.workers,
        train_split=predefined_split(InMemory(*task.images("val"))),
        device=device(),
        callbacks=[Timed(clock)],
        verbose=0,
    )
    net.fit(InMemory(*task.images("train"), augmentation()), y=None)
    clock.fit_ends()
    return net.module_, list(net.history[:, "train_loss"])
