"""Backups of an optimizer and of the weights that it holds."""

import copy
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from jupyter_classgame.training.run.optimizer_parts import optimizers_in
from jupyter_classgame.training.state.weights_fingerprint import unwrapped


def held_by(optimizer: Any) -> list[Tensor]:
    """Return the parameters of all groups of an optimizer."""
    return [p for group in optimizer.param_groups for p in group["params"]]


@contextmanager
def preserve_optimizer(model: Any, optimizer: Any) -> Iterator[None]:
    """Restore parameters, groups and state of an optimizer at the end of the block.

    Parameters
    ----------
    model
        Its parameters are restored too, whether the optimizer holds them or not.
    optimizer
        Within the block its state is a copy, and so is that of optimizers inside it.
    """
    parts = list(optimizers_in(optimizer).values())
    attributes = [dict(vars(part)) for part in parts]
    states = {id(own["state"]): own["state"] for own in attributes if "state" in own}
    groups = [dict(group) for group in optimizer.param_groups]
    params = {id(p): p for p in [*unwrapped(model).parameters(), *held_by(optimizer)]}
    try:
        with preserve_weights(list(params.values())):
            copies = {number: copy_state(state) for number, state in states.items()}
            for part, own in zip(parts, attributes, strict=True):
                if "state" in own:  # others read theirs off their parts
                    part.state = copies[id(own["state"])]
            yield
    finally:
        for group, before in zip(optimizer.param_groups, groups, strict=True):
            group.clear()
            group.update(before)
        for part, own in zip(parts, attributes, strict=True):
            vars(part).clear()
            vars(part).update(own)


def copy_state(state: Any) -> Any:
    """Return a copy of an optimizer's state and of its tensors, by the same parameters."""
    copied: Any = defaultdict(dict)
    for p, entries in state.items():
        copied[p] = (
            {k: v.clone() if isinstance(v, Tensor) else copy.copy(v) for k, v in entries.items()}
            if isinstance(entries, dict)
            else copy.copy(entries)
        )
    return copied


@contextmanager
def preserve_weights(parameters: list[Tensor]) -> Iterator[None]:
    """Restore the values, the gradients and the versions of parameters at the end of the block."""
    own = [(p, p.data, p.grad) for p in parameters]
    # A backward pass that is still to come checks the versions of its inputs.
    preserved: Any = torch.autograd.grad_mode._unsafe_preserve_version_counter  # noqa: SLF001
    with preserved(tuple(parameters)):
        try:
            for p, data, _ in own:
                p.data = data.clone()
                p.grad = None
            yield
        finally:
            for p, data, grad in own:
                p.data = data
                p.grad = grad
