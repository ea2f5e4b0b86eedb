"""What a run must not go on with: losses or weights that are not finite, too few scores."""

from collections.abc import Iterable

import torch
from torch import Tensor

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.loop.meter import Meter
from jupyter_classgame.training.wording import counted


class NotFiniteError(TrainingError):
    """The loss or the weights became NaN or infinite: ``what`` happened, and what to do."""


def check_losses(meter: Meter, since: int, *, epoch: int, lr: float) -> None:
    """Refuse an epoch whose losses are not finite, looking at the batches after ``since``.

    Raises
    ------
    NotFiniteError
        It names the first such batch, and the learning rate.
    """
    if batch := meter.first_not_finite(since):
        first = batch == 1 and epoch == 1
        raise NotFiniteError(
            f"the loss was not finite in batch {batch} of epoch {epoch} (learning rate {lr:g})",
            "the images, the model or the criterion give it before the first step: look at "
            "next(iter(train_loader))"
            if first
            else "try a lower learning rate",
        )


def check_weights(tensors: Iterable[Tensor], epoch: int) -> None:
    """Refuse weights that the last step made NaN or infinite, before anything is kept.

    Raises
    ------
    NotFiniteError
        One of the tensors is not finite.
    """
    if not all(map(is_finite, tensors)):
        message = f"the weights were not finite at the end of epoch {epoch}"
        raise NotFiniteError(message, "try a lower learning rate")


def check_outputs(scores: Tensor, classes: int | None) -> None:
    """Refuse scores (N, C) of fewer classes than there are.

    Raises
    ------
    TrainingError
        The model's last layer is too narrow.
    """
    if classes is not None and scores.shape[1] < classes:
        raise TrainingError(
            f"the model gives {counted(scores.shape[1], 'score')} an image and there are "
            f"{classes} classes; let its last layer give len(game.classes)"
        )


def is_finite(tensor: Tensor) -> bool:
    """Say whether a tensor has neither NaN nor infinity; waits for the device."""
    numbers = tensor if tensor.layout is torch.strided else tensor.to_dense()
    return bool(torch.isfinite(numbers).all())
