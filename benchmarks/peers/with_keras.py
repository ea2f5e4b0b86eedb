"""Keras on torch: the same torch module, wrapped, and Keras' own loop, optimizer and layers.

Keras' layers in place of the wrapped module take several times as long on torch.
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
from torch import nn

from .clock import VALIDATION_BATCH, Clock, Task
from .works import SHIFT, Work


class Timed(keras.callbacks.Callback):
    """Marks the epoch's boundaries; validation is Keras' "test"."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def on_epoch_begin(self, *_: object) -> None:
        """Mark."""
        self.clock.epoch_begins()

    def on_test_begin(self, *_: object) -> None:
        """Mark."""
        self.clock.training_ends()


def train(task: Task, clock: Clock) -> tuple[nn.Module, list[float]]:
    """Train, and give the model and each epoch's training loss."""
    keras.utils.set_random_seed(task.seed)
    keras.config.set_image_data_format("channels_first")
    module = task.work.model(task.seed)
    arrays = [part.numpy() for split in ("train", "val") for part in task.images(split)]
    images, labels, val_images, val_labels = arrays
    network = keras.Sequential(
        [
            keras.Input(images.shape[1:]),
            keras.layers.Rescaling(1 / 255),
            keras.layers.RandomFlip("horizontal"),
            keras.layers.RandomTranslation(SHIFT, SHIFT, fill_mode="constant"),
            keras.layers.TorchModuleWrapper(module),
        ]
    )
    network.compile(
        optimizer=optimizer(task.work),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = network.fit(
        images.astype(np.float32),
        labels,
        batch_size=task.work.batch,
        epochs=task.epochs,
        validation_data=(val_images.astype(np.float32), val_labels),
        validation_batch_size=VALIDATION_BATCH,
        callbacks=[Timed(clock)],
        verbose=0,
    )
    clock.fit_ends()
    return module, history.history["loss"]


def optimizer(work: Work) -> keras.optimizers.Optimizer:
    """Give Keras' optimizer with the numbers of torch's."""
    if work.optimizer is torch.optim.RMSprop:
        return keras.optimizers.RMSprop(work.options["lr"], rho=0.99, epsilon=1e-8)
    if work.optimizer is torch.optim.SGD:
        return keras.optimizers.SGD(work.options["lr"], work.options.get("momentum", 0.0))
    raise NotImplementedError(work.optimizer.__name__)
