"""A twin of the optimizer, which steps beside it on copies of some parameters."""

import math
from types import EllipsisType
from typing import Any

from torch import Tensor

from jupyter_classgame.referee.audit.optimizer_steps.step_difference import described
from jupyter_classgame.training.optimizer_class import bare_step

PARTS = 3
"""Of a model's parameters a share of one in so many may be copied, with what goes with them."""

UNDIVIDED = ("Adafactor", "Muon")
"""Those whose step for a row depends on the others of its parameter."""

Part = slice | EllipsisType
Watched = tuple[Tensor, Part, Tensor, Tensor]
"""A parameter, the rows of it that are watched, their copy, and what they were before."""


class StepTwin:
    """Steps copies of some of an optimizer's parameters from its state, by its own class's step.

    Only torch's own optimizers, which step each parameter by itself, have one.
    """

    def __init__(self, watched: list[Watched], optimizer: Any) -> None:
        self._watched = watched
        self._optimizer = optimizer

    @classmethod
    def of(cls, optimizer: Any, most: int, order: Any) -> "StepTwin | None":
        """Make the twin of an optimizer that is about to step; None where nothing has a gradient.

        ``most`` numbers are copied; ``order`` shuffles parameters, and rows of a larger one.
        """
        kind = type(optimizer)
        chosen = _chosen(optimizer, most, order)
        if not chosen:
            return None
        groups: list[dict[str, Any]] = []
        watched: list[Watched] = []
        for group in optimizer.param_groups:
            copies = []
            for p in group["params"]:
                part = chosen.get(id(p))
                if part is None:
                    continue
                copy = p.detach()[part].clone().requires_grad_()
                copy.grad = _copied(p.grad.detach(), p, part)
                copies.append(copy)
                watched.append((p, part, copy, copy.detach().clone()))
            if copies:
                rest = {
                    name: value.clone() if isinstance(value, Tensor) else value
                    for name, value in group.items()
                    if name not in ("params", "param_names")
                }
                groups.append({"params": copies, **rest})
        twin = kind(groups)
        for p, part, copy, _ in watched:
            if p in optimizer.state:
                twin.state[copy] = {
                    name: _copied(value, p, part) for name, value in optimizer.state[p].items()
                }
        return cls(watched, twin)

    def difference(self) -> str:
        """Step the twin after the optimizer has stepped, and describe what differs, if anything."""
        bare_step(self._optimizer)(self._optimizer)
        return described(_compared(*each) for each in self._watched)


def _compared(p: Tensor, part: Part, copy: Tensor, before: Tensor) -> tuple[float, float, float]:
    now, then = p.detach()[part].float(), copy.detach().float()
    apart = float((now - then).norm())
    moved = float((then - before.float()).norm())
    noise = 1e-5 * float(before.float().norm()) + 1e-7
    return apart if math.isfinite(apart) else math.nan, moved, noise


def _chosen(optimizer: Any, most: int, order: Any) -> dict[int, Part]:
    """Choose parameters that have a gradient, or rows of one, as many as fit."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    parameters = [p for p in parameters if p.grad is not None]
    divided = type(optimizer).__name__ not in UNDIVIDED
    order(parameters)
    chosen: dict[int, Part] = {}
    left = most
    for p in parameters:
        rows = len(p) if p.ndim and p.numel() else 1
        size = p.numel() // rows
        if p.numel() <= left:
            chosen[id(p)] = ...
            left -= p.numel()
        elif divided and not p.grad.is_sparse and size <= left:
            count = left // size
            starts = list(range(0, rows - count + 1, count))
            order(starts)
            chosen[id(p)] = slice(starts[0], starts[0] + count)
            left -= count * size
    return chosen


def _copied(value: Any, p: Tensor, part: Part) -> Any:
    """Copy the gradient of a parameter, or what is remembered of it, for some rows of it."""
    if not isinstance(value, Tensor):
        return value
    return value.clone() if part is ... or value.shape != p.shape else value[part].clone()
