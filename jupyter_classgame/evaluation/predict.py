"""Class probabilities of models over a loader."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from accelerate.utils import send_to_device
from torch import Tensor, nn

from jupyter_classgame.errors import EvaluationError
from jupyter_classgame.training.device import modes_kept, placed_on
from jupyter_classgame.training.meter import class_indices, scores_of, split_batch
from jupyter_classgame.training.randomness import random_state_kept

ROUNDING = 1e-3


def predict(
    models: Sequence[nn.Module], loader: Iterable[Any], device: torch.device
) -> tuple[list[Tensor], npt.NDArray[np.int64]]:
    """Run models over one pass of a loader, in eval mode, and leave them as they were found.

    Parameters
    ----------
    models
        Each gives scores (N, C) for a batch of images.
    loader
        Gives (images, targets) batches; targets are class indices, one-hot or soft.
    device
        Where the models run.

    Returns
    -------
    probabilities : list of Tensor
        One float32 tensor (images, C) a model, on the CPU.
    labels : ndarray of int64
        Class index an image.

    Raises
    ------
    EvaluationError
        The loader gives nothing, or a model gives a probability that is not finite.
    """
    collected: list[list[Tensor]] = [[] for _ in models]
    labels: list[Tensor] = []
    with random_state_kept(), modes_kept(*models), placed_on(device, *models), torch.no_grad():
        for model in models:
            model.eval()
        for batch in loader:
            images, targets = split_batch(send_to_device(batch, device), "the loader")
            labels.append(class_indices(targets).cpu())
            for model, rows in zip(models, collected, strict=True):
                rows.append(to_probabilities(scores_of(model(images)).float()).cpu())
    if not labels:
        raise EvaluationError("the loader gave no images; nothing to score")
    probabilities = [torch.cat(rows) for rows in collected]
    for number, rows_of_model in enumerate(probabilities, start=1):
        if not torch.isfinite(rows_of_model).all():
            which = "the model" if len(models) == 1 else f"model {number}"
            raise EvaluationError(f"{which} gives scores that are not finite; train it anew")
    return probabilities, torch.cat(labels).to(torch.int64).numpy()


def to_probabilities(scores: Tensor) -> Tensor:
    """Turn scores (N, C) into probabilities: softmax, unless the rows are probabilities already."""
    sums = scores.sum(1)
    if bool((scores >= 0).all()) and bool(((sums - 1).abs() < ROUNDING).all()):
        return scores
    return scores.softmax(1)
