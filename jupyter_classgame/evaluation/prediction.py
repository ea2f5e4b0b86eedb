"""Class probabilities of models over a loader."""

import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from accelerate.utils import send_to_device
from accelerate.utils.memory import should_reduce_batch_size
from torch import Tensor, nn

from jupyter_classgame.errors import EvaluationError, one_line
from jupyter_classgame.training.device.placement import modes_kept, placed_on
from jupyter_classgame.training.loop.meter import class_indices, scores_of, split_batch
from jupyter_classgame.training.random_state import random_state_kept
from jupyter_classgame.user_code import is_users

ROUNDING = 1e-3

MISFITS = (RuntimeError, TypeError, ValueError)
"""What a model raises that is given images it was not made for."""


def predict(
    models: Sequence[nn.Module],
    loader: Iterable[Any],
    device: torch.device,
    watch: Callable[[Any, Tensor, list[Tensor]], None] | None = None,
    *,
    raw: bool = False,
) -> tuple[list[Tensor], npt.NDArray[np.int64]]:
    """Predict class probabilities over one pass of a loader, in eval mode.

    The models' modes and devices and the random state are restored.

    Parameters
    ----------
    models
        Each returns scores (N, C) for a batch of images.
    loader
        Yields (images, targets) batches; targets are class indices, one-hot or soft.
    device
        Where the models run.
    watch
        Called with each batch: its images, class indices, and every model's probabilities.
    raw
        Give the models' scores as they are, not as probabilities.

    Returns
    -------
    probabilities : list of Tensor
        One tensor per model: float32, shape (images, C), on the CPU.
    labels : ndarray of int64
        Class indices, shape (images,).

    Raises
    ------
    EvaluationError
        The loader is empty, a model does not accept its images, or a model returns scores that
        are not finite.
    """
    collected: list[list[Tensor]] = [[] for _ in models]
    labels: list[Tensor] = []
    with random_state_kept(), modes_kept(*models), placed_on(device, *models), torch.no_grad():
        for model in models:
            model.eval()
        for batch in loader:
            images, targets = split_batch(send_to_device(batch, device), "the loader")
            labels.append(class_indices(targets).cpu())
            for number, rows in enumerate(collected):
                scores = _scores(models, number, images)
                rows.append((scores if raw else to_probabilities(scores)).cpu())
            if watch is not None:
                watch(images, labels[-1], [rows[-1] for rows in collected])
    if not labels:
        raise EvaluationError("the loader yields no images; there is nothing to score")
    probabilities = [torch.cat(rows) for rows in collected]
    for number, rows_of_model in enumerate(probabilities, start=1):
        if not torch.isfinite(rows_of_model).all():
            which = "the model" if len(models) == 1 else f"model {number}"
            raise EvaluationError(f"{which} returns scores that are not finite; train it again")
    return probabilities, torch.cat(labels).to(torch.int64).numpy()


def _scores(models: Sequence[nn.Module], number: int, images: Any) -> Tensor:
    """Run one of the models; an error of one among several names it."""
    try:
        return scores_of(models[number](images)).float()
    except Exception as error:
        alone = len(models) == 1
        if should_reduce_batch_size(error) or (alone and not isinstance(error, MISFITS)):
            raise
        shape = tuple(getattr(images, "shape", ()))
        raise EvaluationError(
            f"{'the model' if alone else f'member {number + 1}'} does not accept these images, "
            f"a batch of shape {shape}: {type(error).__name__}{_place(error)}: {one_line(error)}",
            "call it on next(iter(val_loader))[0] in a cell of its own to see where" * alone,
        ) from error


def _place(error: Exception) -> str:
    """Give the last line of the user's own that led to an error; nothing where none did."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if is_users(frame.filename)]
    return f" in line {own[-1].lineno} of {own[-1].name}" if own else ""


def to_probabilities(scores: Tensor) -> Tensor:
    """Convert scores (N, C) to probabilities by softmax, unless the rows already are."""
    sums = scores.sum(1)
    if bool((scores >= 0).all()) and bool(((sums - 1).abs() < ROUNDING).all()):
        return scores
    return scores.softmax(1)
