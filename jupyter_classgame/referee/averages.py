"""Find tensors that follow the weights slowly: averages of the weights, kept by whoever."""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from .walk import walk

ALONG = 0.99
SLOWLY = 0.9
SETTLED = 2


class Steps(Protocol):
    """What takes steps with made-up gradients."""

    optimizer: Any
    params: list[Tensor]

    def step(self, scale: float) -> None:
        """Take one."""
        ...


def averaged(steps: Steps, holders: Sequence[Any]) -> str:
    """Return where an average of the weights is kept, or nothing.

    While the weights stand still after a step, an average goes on coming nearer to them; a copy
    of earlier weights does not.

    Parameters
    ----------
    steps
        Takes the steps.
    holders
        Hooks and optimizers that may keep one.
    """
    if not _kept(steps, holders):
        return ""
    steps.step(1.0)
    for group in steps.optimizer.param_groups:
        group["lr"] = 0.0 * group["lr"]
    for _ in range(SETTLED):
        steps.step(0.0)
    before, weights = _kept(steps, holders), [p.detach().clone() for p in steps.params]
    steps.step(0.0)
    after = _kept(steps, holders)
    still = [w for w, p in zip(weights, steps.params, strict=True) if torch.equal(w, p.detach())]
    for path, old in before.items():
        new = after.get(path)
        if new is None or new.shape != old.shape:
            continue
        if any(w.shape == old.shape and _follows(old, new, w) for w in still):
            return path
    return ""


def _kept(steps: Steps, holders: Sequence[Any]) -> dict[str, Tensor]:
    own = {id(p) for p in steps.params}
    shapes = {p.shape for p in steps.params}
    return {
        place.path: place.value.detach().clone()
        for holder in holders
        for place in walk(holder, getattr(holder, "__name__", type(holder).__name__))
        if isinstance(place.value, Tensor) and id(place.value) not in own
        and place.value.shape in shapes and place.value.is_floating_point()
        and ".param_groups" not in place.path and ".state" not in place.path
    }  # fmt: skip


def _follows(old: Tensor, new: Tensor, weight: Tensor) -> bool:
    moved, way = (new - old).double().flatten(), (weight - old).double().flatten()
    far, whole = float(moved.norm()), float(way.norm())
    if not 0 < far < SLOWLY * whole:
        return False
    return float(torch.dot(moved, way)) > ALONG * far * whole
