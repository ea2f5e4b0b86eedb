"""Class probabilities of models over a loader."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from accelerate.utils import send_to_device
from accelerate.utils.memory import should_reduce_batch_size
from torch import Tensor, nn

from jupyter_classgame.errors import EvaluationError
from jupyter_classgame.training.device.placement import modes_kept, placed_on
from jupyter_classgame.training.loop.meter import class_indices, scores_of, split_batch
from jupyter_classgame.training.random_state import random_state_kept

ROUNDING = 1e-3


def predict(
    models: Sequence[nn.Module], loader: Iterable[Any], device: torch.device
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

    Returns
    -------
    probabilities : list of Tensor
        One tensor per model: float32, shape (images, C), on the CPU.
    labels : ndarray of int64
        Class indices, shape (images,).

    Raises
    ------
    EvaluationError
        The loader is empty, one of several models does not accept its images, or a model returns
        scores that are not finite.
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
                rows.append(to_probabilities(_scores(models, number, images)).cpu())
    if not labels:
        raise EvaluationError("the loader yields no images; there is nothing to score")
    probabilities = [torch.cat(rows) for rows in collected]
    for number, rows_of_model in enumerate(probabilities, start=1):
        if not torch.isfinite(rows_of_model).all():
            which = "the model" if len(models) == 1 else f"model {number}"
            raise EvaluationError(f"{which} returns scores that are not finite; train it again")
    return probabilities, torch.cat(labels).to(torch.int64).numpy()


def _scores(models: Sequence[nn.Module], number: int, images: Any) -> Tensor:
    """Run one of the models; if there are several, an error names the one that fails."""
    try:
        return scores_of(models[number](images)).float()
    except Exception as error:
        if len(models) == 1 or should_reduce_batch_size(error):
            raise
        shape = tuple(getattr(images, "shape", ()))
        raise EvaluationError(
            f"member {number + 1} does not accept these images, a batch of shape {shape}: "
            f"{type(error).__name__}: {error}"
        ) from error


def to_probabilities(scores: Tensor) -> Tensor:
    """Convert scores (N, C) to probabilities by softmax, unless the rows already are."""
    sums = scores.sum(1)
    if bool((scores >= 0).all()) and bool(((sums - 1).abs() < ROUNDING).all()):
        return scores
    return scores.softmax(1)
