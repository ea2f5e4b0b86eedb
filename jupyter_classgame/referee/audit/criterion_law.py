"""The law of a criterion: what its gradient to the scores is, batch after batch."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from jupyter_classgame.referee.isolation.rng import RandomSources

NEAR = 1e-3
SCALE = 0.01
"""Relative difference between two scales of a loss that is noticed."""

SMOOTH = 0.01
"""Label smoothing that is noticed."""

SURELY, ROUNDING, UNSURE = 5.0, 1e-6, 0.2

AGAIN = 0.01
"""Relative difference between gradients for one batch that is noticed."""


@dataclass(frozen=True)
class CrossEntropy:
    """A cross-entropy that explains a batch's gradient: its factor, and its label smoothing.

    ``mean`` is the factor where the sum over the batch is divided by the images, ``doubt`` the
    error that the numbers may have: the less the scores say, the larger.
    """

    factor: float
    mean: float
    smoothing: float
    doubt: float = 0.0


def cross_entropy_of(scores: Tensor, targets: Any, gradient: Tensor) -> CrossEntropy | None:
    """Fit ``s (softmax(scores) - (1 - e) target - e / C)`` to a gradient; None where it is not so.

    See Szegedy et al. 2016, "Rethinking the Inception Architecture for Computer Vision".
    """
    if scores.ndim != 2 or scores.shape[1] < 2 or not isinstance(targets, Tensor):
        return None
    count, classes = scores.shape
    p = scores.detach().double().cpu().softmax(1)
    given = targets.detach().cpu()
    if given.ndim == 2 and given.shape == scores.shape:
        hot = given.double()
    elif given.ndim == 1 and not given.is_floating_point() and bool((given >= 0).all()):
        if int(given.max()) >= classes:
            return None
        hot = torch.nn.functional.one_hot(given.long(), classes).double()
    else:
        return None
    found = gradient.detach().double().cpu()
    if not bool(torch.isfinite(found).all()) or float(found.norm()) == 0:
        return None
    # found = s (p - hot) + s e (hot - 1 / C)
    design = torch.stack([(p - hot).flatten(), (hot - 1 / classes).flatten()], 1)
    answer = torch.linalg.lstsq(design, found.flatten()[:, None]).solution[:, 0]
    rest = float((design @ answer - found.flatten()).norm() / found.norm())
    factor = float(answer[0])
    half = gradient.dtype in (torch.float16, torch.bfloat16)
    if factor <= 0 or rest > (0.02 if half else NEAR):
        return None
    told = float((p - 1 / classes).norm() / (p - hot).norm())  # scores alike tell two from one
    doubt = SURELY * (rest + ROUNDING) / max(told, ROUNDING)
    return CrossEntropy(factor, factor * count, float(answer[1]) / factor, doubt)


class CriterionWatch:
    """Holds a criterion's gradients of each audited batch against those of the first one."""

    def __init__(self, criterion: Any) -> None:
        self.criterion = criterion
        self._first: CrossEntropy | None = None
        self._kept: tuple[Tensor, Any, Tensor] | None = None
        tensors: dict[str, Any] = getattr(criterion, "state_dict", dict)()
        self._learns = bool(tensors) and any(
            p.requires_grad for p in getattr(criterion, "parameters", list)()
        )
        self._random = RandomSources()

    def look(self, scores: Tensor, targets: Any, gradient: Tensor) -> tuple[str, float]:
        """Take the gradient to the scores of a batch.

        Returns
        -------
        tuple
            What has changed since the first batch, in words, and the label smoothing of this one.
        """
        law = cross_entropy_of(scores, targets, gradient)
        if law is not None:
            if law.doubt > UNSURE:
                return "", 0.0
            first, self._first = self._first, self._first or law
            if first is not None and not _alike(first, law):
                times = law.mean / first.mean
                return f"the loss is {times:.3g} times as large as in the first step", 0.0
            return "", round(law.smoothing, 4) if law.smoothing > SMOOTH + law.doubt else 0.0
        if self._first is None and not self._learns:
            if self._kept is None:
                kept = targets.detach().clone() if isinstance(targets, Tensor) else targets
                self._kept = scores.detach().clone(), kept, gradient.detach().clone()
            else:
                return self._once_more(*self._kept), 0.0
        return "", 0.0

    def _once_more(self, scores: Tensor, targets: Any, before: Tensor) -> str:
        """Ask for the gradient of an earlier batch again."""
        with self._unmoved():
            now = [self._gradient(scores, targets) for _ in range(2)]
        if now[0] is None or now[1] is None:
            return ""
        size = float(before.float().norm())
        apart = [float((g.float() - before.float()).norm()) for g in now if g is not None]
        noise = float((now[0].float() - now[1].float()).norm())
        if not size or min(apart) < AGAIN * size or noise > min(apart) / 10:
            return ""
        share = min(apart) / size
        return f"for the scores of an earlier batch the criterion's gradient is {share:.0%} other"

    def _gradient(self, scores: Tensor, targets: Any) -> Tensor | None:
        leaf = scores.clone().requires_grad_()
        found: tuple[Tensor | None, ...]
        found = torch.autograd.grad(self.criterion(leaf, targets), leaf, allow_unused=True)
        return found[0]

    @contextmanager
    def _unmoved(self) -> Iterator[None]:
        """Put back the random state, and what the criterion counts in attributes of its own."""
        state, own = self._random.state(), getattr(self.criterion, "__dict__", None)
        kept = dict(own) if own is not None else {}
        try:
            yield
        finally:
            self._random.restore(state)
            if own is not None:
                own.clear()
                own.update(kept)


def _alike(one: CrossEntropy, two: CrossEntropy) -> bool:
    """Say whether the factor is the same, an image or a batch, as far as can be told."""
    most = SCALE + one.doubt + two.doubt
    pairs = ((one.factor, two.factor), (one.mean, two.mean))
    return any(abs(a - b) <= most * abs(a) for a, b in pairs)
