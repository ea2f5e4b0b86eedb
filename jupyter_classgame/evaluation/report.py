"""Classification report of a model: overall and by class."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from jupyter_classgame.errors import EvaluationError
from jupyter_classgame.evaluation.cell_samples import CellSamples, Samples
from jupyter_classgame.evaluation.prediction import predict
from jupyter_classgame.training.wording import score_text

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Report:
    """Scores of a model on a set of images.

    ``precision``, ``recall`` and ``f1`` are macro averages: the plain mean over classes. A class
    that is never predicted has precision 0. ``confusion`` is a C x C array of counts, a row for
    each true class and a column for each predicted one; ``samples`` has the first images of each
    of its cells, where they were kept. ``weights`` says whose they were.
    """

    name: str
    classes: tuple[str, ...]
    accuracy: float
    precision: float
    recall: float
    f1: float
    confusion: npt.NDArray[np.int64]
    per_class: dict[str, tuple[float, ...]]
    data: str = "the validation images"
    weights: str = ""
    samples: Samples = field(default_factory=dict, compare=False)

    @property
    def n(self) -> int:
        """Number of images."""
        return int(sum(self.per_class["support"]))

    def frame(self) -> "pd.DataFrame":
        """Return a table of classes: precision, recall, F1 and number of images (support)."""
        import pandas as pd  # noqa: PLC0415 - loaded on first use

        table = pd.DataFrame(self.per_class, index=pd.Index(self.classes, name="class"))
        table["support"] = table["support"].astype(int)
        return table

    def __repr__(self) -> str:
        return (
            f"{self.name} on {self.n:,} of {self.data}: accuracy "
            f"{score_text(self.accuracy)}, macro precision {score_text(self.precision)}, "
            f"recall {score_text(self.recall)}, F1 {score_text(self.f1)}"
            + (f"\nweights: {self.weights}" if self.weights else "")
        )


def score(
    model: nn.Module,
    loader: Iterable[Any],
    device: torch.device,
    *,
    classes: Sequence[str],
    name: str = "model",
    data: str = "the validation images",
    keep_samples: bool = False,
) -> Report:
    """Score a model over one pass of a loader.

    Parameters
    ----------
    model
        Returns scores (N, C), with C at least the number of classes.
    classes
        Their names, in the order of the labels.
    name, data
        Names of the model and of the images in the report.
    keep_samples
        Whether the report has images of each cell of its confusion matrix.

    Raises
    ------
    EvaluationError
        The model has too few outputs, or labels lie outside the classes.
    """
    cells = CellSamples()
    watch = cells.take if keep_samples else None
    (probabilities,), labels = predict([model], loader, device, watch)
    count = len(classes)
    check_width(probabilities, count, name)
    if labels.min() < 0 or labels.max() >= count:
        raise EvaluationError(
            f"labels must be from 0 to {count - 1}; the loader has {labels.max()}"
        )
    report = build_report(labels, probabilities.argmax(1).numpy(), classes, name, data)
    return replace(report, samples=cells.samples)


def check_width(scores: torch.Tensor, classes: int, name: str) -> None:
    """Refuse scores (N, C) with fewer columns than there are classes.

    Raises
    ------
    EvaluationError
        There are too few.
    """
    if scores.shape[1] < classes:
        raise EvaluationError(
            f"{name} gives {scores.shape[1]} scores an image and there are {classes} classes; "
            "let its last layer give len(game.classes)"
        )


def build_report(
    labels: npt.NDArray[np.int64],
    predictions: npt.NDArray[np.int64],
    classes: Sequence[str],
    name: str,
    data: str,
) -> Report:
    """Build a report from labels and predictions: class indices, shape (N,)."""
    from sklearn.metrics import (  # noqa: PLC0415 - loaded on first use
        confusion_matrix,
        precision_recall_fscore_support,
    )

    numbers = list(range(len(classes)))
    columns = precision_recall_fscore_support(labels, predictions, labels=numbers, zero_division=0)
    keys = ("precision", "recall", "f1", "support")
    per_class = {
        key: tuple(float(value) for value in column)
        for key, column in zip(keys, columns, strict=True)
    }
    return Report(
        name=name,
        classes=tuple(classes),
        accuracy=float((labels == predictions).mean()),
        precision=float(np.mean(per_class["precision"])),
        recall=float(np.mean(per_class["recall"])),
        f1=float(np.mean(per_class["f1"])),
        confusion=confusion_matrix(labels, predictions, labels=numbers),
        per_class=per_class,
        data=data,
    )
