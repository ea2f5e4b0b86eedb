"""Isolation in this process, where no child can be forked: restore whatever was changed."""

import contextlib
import types
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from jupyter_classgame.referee.isolation.object_graph import Reference, walk
from jupyter_classgame.referee.isolation.optimizer_backup import (
    preserve_optimizer,
    preserve_weights,
)
from jupyter_classgame.referee.isolation.rng import RandomSources, is_generator
from jupyter_classgame.training.state.weights_fingerprint import unwrapped
from jupyter_classgame.user_code import is_users

LARGEST = 2**24
"""How many elements a tensor may have to be backed up; larger ones hold images."""


@contextlib.contextmanager
def nothing_changed(objects: Sequence[Any]) -> Iterator[None]:
    """Restore random generators, modes, buffers, weights, gradients and what objects hold.

    Parameters
    ----------
    objects
        Models, criteria, optimizers, schedulers, loaders; None among them is ignored.
    """
    given = [o for o in objects if o is not None]
    references = [reference for o in given for reference in walk(o, "it")]
    random_sources = RandomSources(r.value for r in references if is_generator(r.value))
    state = random_sources.state()
    held = [(r.value, _copy(r.value)) for r in references if _holds(r)]
    # Including those that hooks and criteria refer to: averages, teachers.
    models = [r.value for r in references if isinstance(r.value, nn.Module)]
    modules = list({id(m): m for model in models for m in unwrapped(model).modules()}.values())
    modes = [(m, m.training) for m in modules]
    buffers = [(m, dict(m._buffers)) for m in modules]  # noqa: SLF001 - where modules keep them
    with contextlib.ExitStack() as stack:
        for o in given:
            if hasattr(o, "param_groups"):
                stack.enter_context(preserve_optimizer(nn.Module(), o))
        own_parameters = {id(p): p for m in modules for p in m.parameters(recurse=False)}
        stack.enter_context(preserve_weights(list(own_parameters.values())))
        steered = [o for o in given if isinstance(o, nn.Module) or not hasattr(o, "__iter__")]
        excluded = {id(t) for m in modules for t in [*m.parameters(False), *m.buffers(False)]}
        stack.enter_context(_preserve_tensors(steered, excluded))
        stack.enter_context(_preserve_variables([r.value for r in references]))
        for module, own in buffers:
            for name, buffer in own.items():
                if buffer is not None:
                    module._buffers[name] = buffer.detach().clone()  # noqa: SLF001
        try:
            yield
        finally:
            for module, own in buffers:
                module._buffers.clear()  # noqa: SLF001
                module._buffers.update(own)  # noqa: SLF001
            for module, mode in modes:
                module.training = mode
            for value, before in held:
                _put_back(value, before)
            random_sources.restore(state)


@contextlib.contextmanager
def _preserve_tensors(objects: Sequence[Any], excluded: set[int]) -> Iterator[None]:
    """Restore tensors other than weights at the end of the block: averages, masks, counters.

    Parameters
    ----------
    objects
        Objects that refer to such tensors; no loaders, whose tensors are images.
    excluded
        Ids of tensors that are restored otherwise.
    """
    held: dict[int, tuple[Tensor, Tensor]] = {}
    for o in objects:
        states = {id(e) for e in getattr(o, "state", {}).values()} if _steps(o) else set()
        for reference in walk(o, "it"):
            if id(reference.value) in states:
                excluded.update(id(t) for t in _tensors_in(reference.value))
                continue
            for tensor in _tensors_in(reference.value):
                if id(tensor) not in excluded and tensor.numel() <= LARGEST:
                    held.setdefault(id(tensor), (tensor, tensor.detach().clone()))
    preserved: Any = torch.autograd.grad_mode._unsafe_preserve_version_counter  # noqa: SLF001
    try:
        with preserved(tuple(tensor for tensor, _ in held.values())):
            try:
                yield
            finally:
                with torch.no_grad():
                    for tensor, before in held.values():
                        if not torch.equal(tensor, before):
                            tensor.copy_(before)
    finally:
        held.clear()


def _steps(value: Any) -> bool:
    return hasattr(value, "param_groups")


def _tensors_in(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        return [t for t in value.values() if isinstance(t, Tensor)]
    return [t for t in value if isinstance(t, Tensor)] if type(value) is list else []


@contextlib.contextmanager
def _preserve_variables(values: Sequence[Any]) -> Iterator[None]:
    """Restore the nonlocal and global variables that functions use at the end of the block."""
    functions = [v for v in values if isinstance(v, types.FunctionType) and _is_users_function(v)]
    cells = [(cell, _content(cell)) for f in functions for cell in f.__closure__ or ()]
    names = [
        (f.__globals__, name, f.__globals__[name])
        for f in functions for name in f.__code__.co_names if name in f.__globals__
    ]  # fmt: skip
    try:
        yield
    finally:
        for cell, before in cells:
            if before is not _EMPTY and _content(cell) is not before:
                cell.cell_contents = before
        for variables, name, before in names:
            if variables.get(name) is not before:
                variables[name] = before


_EMPTY = object()


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _EMPTY


def _is_users_function(function: types.FunctionType) -> bool:
    return is_users(function.__code__.co_filename)


def _holds(reference: Reference) -> bool:
    value = reference.value
    if type(value) in (dict, list, set):
        return True
    return (
        isinstance(getattr(value, "__dict__", None), dict)
        and not isinstance(value, (type, nn.Module, torch.nn.Parameter))
        and not callable(getattr(value, "__code__", None))
    )


def _copy(value: Any) -> Any:
    return value.copy() if type(value) in (dict, list, set) else dict(vars(value))


def _put_back(value: Any, before: Any) -> None:
    if type(value) is list:
        if len(value) != len(before) or any(a is not b for a, b in zip(value, before, strict=True)):
            value[:] = before
        return
    target = value if type(value) in (dict, set) else vars(value)
    if type(target) is set:
        if target != before:
            target.clear()
            target.update(before)
        return
    if target.keys() != before.keys() or any(target[k] is not before[k] for k in before):
        target.clear()
        target.update(before)
