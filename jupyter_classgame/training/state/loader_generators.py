"""Random generators of a loader's own, which no seed of an epoch reaches: found, kept, put back."""

import random
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import torch

DEEPEST = 8
WIDEST = 64
"""Longest list or dictionary that is looked through: of transforms, not of samples."""

MOST = 5000
"""Objects looked at in all."""

Generator = torch.Generator | np.random.Generator | np.random.RandomState | random.Random


def generators_of(**roots: Any) -> dict[str, Generator]:
    """Find the generators that loaders, samplers, datasets and transforms hold.

    Returns
    -------
    dict
        By the way to them, such as ``train_loader.sampler.generator``; each once.
    """
    seen: set[int] = set()
    return {
        path: generator
        for name, root in roots.items()
        for path, generator in _walk(root, name, 0, seen)
    }


def states_of(generators: dict[str, Generator]) -> dict[str, Any]:
    """Give the generators' states, nested numbers and tensors."""
    return {path: _state(generator) for path, generator in generators.items()}


def put_back(generators: dict[str, Generator], states: dict[str, Any]) -> list[str]:
    """Set the generators to their states; give the paths that only one of both has."""
    for path in generators.keys() & states.keys():
        _set(generators[path], states[path])
    return sorted(generators.keys() ^ states.keys())


def _walk(thing: Any, path: str, depth: int, seen: set[int]) -> Iterator[tuple[str, Generator]]:
    if thing is None or id(thing) in seen or depth > DEEPEST or len(seen) > MOST:
        return
    seen.add(id(thing))
    if isinstance(thing, Generator):
        yield path, thing
        return
    for name, part in _parts(thing):
        yield from _walk(part, f"{path}.{name}", depth + 1, seen)


def _parts(thing: Any) -> list[tuple[str, Any]]:
    """List what an object is made of, as far as its random draws may depend on it."""
    if isinstance(thing, (type, ModuleType, torch.Tensor, np.ndarray)):
        return []
    if isinstance(thing, (dict, list, tuple)):
        pairs = thing.items() if isinstance(thing, dict) else enumerate(thing)
        return [(str(key), part) for key, part in pairs] if len(thing) <= WIDEST else []
    if isinstance(thing, FunctionType):
        return _of_function(thing)
    if isinstance(thing, MethodType):
        return [("self", thing.__self__), ("function", thing.__func__)]
    if isinstance(thing, partial):
        return [("function", thing.func), ("args", thing.args), ("keywords", thing.keywords)]
    return list(vars(thing).items()) if hasattr(thing, "__dict__") else []


def _of_function(function: FunctionType) -> list[tuple[str, Any]]:
    """List what a function closes over, and the generators among the globals that it names."""
    named = ((name, function.__globals__.get(name)) for name in function.__code__.co_names)
    parts = [(name, value) for name, value in named if isinstance(value, Generator)]
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        with suppress(ValueError):  # not bound yet
            parts.append((name, cell.cell_contents))
    return parts


def _state(generator: Generator) -> Any:
    if isinstance(generator, torch.Generator):
        return generator.get_state()
    if isinstance(generator, np.random.Generator):
        return generator.bit_generator.state
    if isinstance(generator, np.random.RandomState):
        return generator.get_state(legacy=False)
    return generator.getstate()


def _set(generator: Generator, state: Any) -> None:
    if isinstance(generator, torch.Generator):
        generator.set_state(state)
    elif isinstance(generator, np.random.Generator):
        generator.bit_generator.state = state
    elif isinstance(generator, np.random.RandomState):
        generator.set_state(state)
    else:
        generator.setstate(state)
