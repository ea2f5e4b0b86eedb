"""A twin of the optimizer, which steps beside it on copies of some parameters."""

from typing import Any

import torch
from torch import Tensor

PARTS = 3
"""Of a model's parameters a share of one in so many may be copied, with what goes with them."""

APART = 1e-3
STEPPED = "torch.optim"
"""Where the classes are that step each parameter by itself."""


class StepTwin:
    """Steps copies of some of an optimizer's parameters from its state, by its own class's step.

    Only torch's own optimizers, which step each parameter by itself, have one.
    """

    def __init__(self, pairs: list[tuple[Tensor, Tensor, Tensor]], optimizer: Any) -> None:
        self._pairs = pairs
        self._optimizer = optimizer

    @classmethod
    def of(cls, optimizer: Any, most: int, order: Any) -> "StepTwin | None":
        """Make the twin of an optimizer that is about to step; None where nothing has a gradient.

        ``most`` numbers are copied; ``order`` shuffles the parameters.
        """
        kind = type(optimizer)
        chosen = _chosen(optimizer, most, order)
        if not chosen:
            return None
        groups, pairs = [], []
        for group in optimizer.param_groups:
            copies = []
            for p in group["params"]:
                if id(p) not in chosen:
                    continue
                copy = p.detach().clone().requires_grad_()
                copy.grad = p.grad.detach().clone()
                copies.append(copy)
                pairs.append((p, copy, p.detach().clone()))
            if copies:
                rest = {
                    name: value.clone() if isinstance(value, Tensor) else value
                    for name, value in group.items()
                    if name not in ("params", "param_names")
                }
                groups.append({"params": copies, **rest})
        twin = kind(groups)
        for p, copy, _ in pairs:
            if p in optimizer.state:
                twin.state[copy] = {
                    name: value.clone() if isinstance(value, Tensor) else value
                    for name, value in optimizer.state[p].items()
                }
        return cls(pairs, twin)

    def difference(self) -> str:
        """Step the twin after the optimizer has stepped, and describe what differs, if anything."""
        kind = type(self._optimizer)
        kind.step.__wrapped__(self._optimizer) if hasattr(kind.step, "__wrapped__") else kind.step(
            self._optimizer
        )
        worst, off = 0.0, 0
        for p, copy, before in self._pairs:
            apart = float((p.detach().float() - copy.detach().float()).norm())
            moved = float((copy.detach().float() - before.float()).norm())
            noise = 1e-5 * float(before.float().norm()) + 1e-7
            if not torch.isfinite(torch.tensor(apart)) or apart <= APART * moved + noise:
                continue
            off += 1
            worst = max(worst, apart / max(moved, noise))
        if not off:
            return ""
        many = f"{off} of {len(self._pairs)} parameters"
        return f"the optimizer's step left {many} elsewhere, by {min(worst, 100):.0%} of its length"


def _chosen(optimizer: Any, most: int, order: Any) -> set[int]:
    """Choose parameters that have a gradient, as many as fit."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    parameters = [p for p in parameters if p.grad is not None]
    order(parameters)
    chosen, left = set(), most
    for p in parameters:
        if p.numel() <= left:
            chosen.add(id(p))
            left -= p.numel()
    return chosen
