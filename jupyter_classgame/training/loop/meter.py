"""Loss and accuracy over an epoch, summed on the device and read only now and then."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from jupyter_classgame.data.feed.partition import Shard
from jupyter_classgame.errors import TrainingError, UnpairedBatchError


class Meter:
    """Honest means over images, not over batches.

    Parameters
    ----------
    reduction
        The criterion's: the mean of a batch counts for its images, a sum as it is.
    total
        Adds a tensor of float64 on the CPU up over the processes that share every batch, each of
        which then reads the same numbers at the same time. None: there is one process.
    """

    def __init__(
        self, reduction: str = "mean", total: Callable[[Tensor], Tensor] | None = None
    ) -> None:
        self._summed = reduction == "sum"
        self._total, self._totalled = total, 0
        self._losses: list[Tensor] = []
        self._sizes: list[int] = []
        self._correct: list[Tensor] = []

    def add(
        self, loss: Tensor, scores: Tensor, targets: Tensor, share: Shard | None = None
    ) -> None:
        """Count one batch: its loss, scores (N, C) and targets (N) or (N, C).

        Of a share of a batch, the loss is what it contributes to the loss of the whole.
        """
        correct = (scores.detach().argmax(1) == class_indices(targets)).sum()
        self._losses.append(loss.detach())
        self._sizes.append(len(targets) if share is None else share.whole)
        self._correct.append(correct if share is None or share.own else torch.zeros_like(correct))

    def _gather(self) -> None:
        """Make the numbers of shares those of whole batches."""
        new = slice(self._totalled, len(self._losses))
        if self._total is None or new.start == new.stop:
            return
        losses, correct = torch.stack(self._losses[new]), torch.stack(self._correct[new])
        whole = self._total(torch.stack([losses.cpu().double(), correct.cpu().double()]))
        self._losses[new], self._correct[new] = whole[0].unbind(), whole[1].unbind()
        self._totalled = new.stop

    @property
    def images(self) -> int:
        """Images counted so far."""
        return sum(self._sizes)

    def loss(self) -> float:
        """Give the mean loss an image; waits for the device."""
        self._gather()
        losses = torch.stack(self._losses).cpu().double()  # not every device has float64
        if self._summed:
            return float(losses.sum()) / self.images
        return float((losses * torch.tensor(self._sizes, dtype=torch.float64)).sum()) / self.images

    def accuracy(self) -> float:
        """Give the share of images whose best score is the target's, in [0, 1]."""
        self._gather()
        return float(torch.stack(self._correct).sum()) / self.images

    def first_not_finite(self, since: int = 0) -> int | None:
        """Give the number, from 1, of the first batch whose loss is NaN or infinite."""
        self._gather()
        bad = ~torch.isfinite(torch.stack(self._losses[since:]))
        where = bad.nonzero()
        return since + int(where[0]) + 1 if len(where) else None


def split_batch(batch: Any, loader: str) -> tuple[Any, Any]:
    """Take a batch apart into images, a tensor or several, and targets, one tensor.

    Raises
    ------
    UnpairedBatchError
        It is no such pair.
    TrainingError
        Its images or its targets are no tensors.
    """
    if isinstance(batch, (tuple, list)) and len(batch) == 2:
        images, targets = batch
        _check_images(images, loader)
        _check_targets(targets, loader)
        return images, targets
    shape = f"a {type(batch).__name__}" + (
        f" of {len(batch)}" if isinstance(batch, (tuple, list, dict)) else ""
    )
    raise UnpairedBatchError(f"{loader} gives {shape} a batch", "a pair (images, labels) is needed")


def _check_images(images: Any, loader: str) -> None:
    if not any(isinstance(leaf, Tensor) for leaf in tree_leaves(images)):
        raise TrainingError(
            f"{loader} gives images as {_kind(images)}, not a tensor",
            "torch.from_numpy(...) makes one of an array, v2.ToImage() of a picture",
        )


def _check_targets(targets: Any, loader: str) -> None:
    if not isinstance(targets, Tensor):
        raise TrainingError(
            f"{loader} gives targets as {_kind(targets)}",
            "one tensor is needed, of class numbers (N) or of shares (N, C), such as "
            "lam * one_hot(y_a, C) + (1 - lam) * one_hot(y_b, C)",
        )


def _kind(thing: Any) -> str:
    kind = type(thing)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    return f"{name} of {len(thing)}" if isinstance(thing, (tuple, list, dict)) else name


def class_indices(targets: Tensor) -> Tensor:
    """Turn targets into class indices (N): indices (N) or (N, 1), one-hot or soft (N, C)."""
    if targets.ndim == 1:
        return targets
    return targets[:, 0] if targets.shape[1] == 1 else targets.argmax(1)


def scores_of(outputs: Any) -> Tensor:
    """Find the scores (N, C) in what a model returned: a tensor, ``.logits`` or a tuple's first.

    Raises
    ------
    TrainingError
        There are none.
    """
    scores = getattr(outputs, "logits", outputs)
    if isinstance(scores, (tuple, list)) and scores:
        scores = scores[0]
    if not isinstance(scores, Tensor) or scores.ndim != 2:
        shape = tuple(scores.shape) if isinstance(scores, Tensor) else type(outputs).__name__
        raise TrainingError(
            f"the model returns {shape}", "class scores of shape (images, classes) are needed"
        )
    return scores
