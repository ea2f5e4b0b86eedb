"""Keras on torch: the same torch module, wrapped, in Keras' own loop with Keras' own optimizer.

It is fed by the ordinary DataLoader, which Keras takes as it is. On torch, Keras' own convolutions
and its layers that augment take several times as long as torch's and torchvision's.
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import torch
from torch import nn

from peers.clock import Clock, Task
from peers.sides.by_hand import loaders
from peers.works import Work


class Timed(keras.callbacks.Callback):
    """Records the epoch boundaries; validation is Keras' "test"."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def on_epoch_begin(self, *_: object) -> None:
        """Record the time."""
        self.clock.epoch_begins()

    def on_test_begin(self, *_: object) -> None:
        """Record the time."""
        self.clock.training_ends()


def train(task: Task, clock: Clock) -> tuple[nn.Module, list[float]]:
    """Train, and return the model and the training loss of each epoch."""
    keras.utils.set_random_seed(task.seed)
    keras.config.set_image_data_format("channels_first")
    module = task.work.model(task.seed)
    train_loader, val_loader = loaders(task)
    network = keras.Sequential(
        [
            keras.Input((3, task.work.size, task.work.size)),
            keras.layers.TorchModuleWrapper(module),
        ]
    )
    network.compile(
        optimizer=optimizer(task.work),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = network.fit(
        train_loader,
        epochs=task.epochs,
        validation_data=val_loader,
        callbacks=[Timed(clock)],
        verbose=0,
    )
    clock.fit_ends()
    return module, history.history["loss"]


def optimizer(work: Work) -> keras.optimizers.Optimizer:
    """Return Keras' optimizer with the hyperparameters of torch's."""
    if work.optimizer is torch.optim.RMSprop:
        return keras.optimizers.RMSprop(work.options["lr"], rho=0.99, epsilon=1e-8)
    if work.optimizer is torch.optim.SGD:
        return keras.optimizers.SGD(work.options["lr"], work.options.get("momentum", 0.0))
    raise NotImplementedError(work.optimizer.__name__)
