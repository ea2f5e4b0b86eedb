"""Find tensors that follow the weights slowly: averages of the weights, kept by whoever."""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from .walk import walk

ALONG = 0.99
SLOWLY = 0.9


class Steps(Protocol):
    """What takes steps with made-up gradients."""

    params: list[Tensor]

    def step(self, scale: float) -> None:
        """Take one."""
        ...


def averaged(steps: Steps, holders: Sequence[Any]) -> str:
    """Return where an average of the weights is kept, or nothing.

    After a step, a tensor shaped like a weight has moved part of the way to that weight.

    Parameters
    ----------
    steps
        Takes the step.
    holders
        Hooks and optimizers that may keep one.
    """
    before = _kept(steps, holders)
    if not before:
        return ""
    steps.step(1.0)
    after = _kept(steps, holders)
    for path, old in before.items():
        new = after.get(path)
        if new is None or new.shape != old.shape:
            continue
        for weight in steps.params:
            if weight.shape == old.shape and _follows(old, new, weight.detach()):
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
