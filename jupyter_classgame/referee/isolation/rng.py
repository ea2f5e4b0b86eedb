"""Seeding, comparing and restoring all random generators that an observation may draw from."""

import os
import random
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

State = list[Any]


class RandomSources:
    """The global generators of Python, NumPy and torch, and further generator objects.

    Parameters
    ----------
    generators
        ``random.Random``, ``numpy.random.Generator`` or ``RandomState``, ``torch.Generator``.
    """

    def __init__(self, generators: Iterable[Any] = ()) -> None:
        self.generators = list(generators)

    def seed(self, seed: int) -> None:
        """Seed every generator, each differently.

        Parameters
        ----------
        seed
            0 or more.
        """
        random.seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002 - users draw from the global one
        seed_torch(seed)
        for number, generator in enumerate(self.generators):
            _seed_one(generator, seed + 7919 * (number + 1))

    def state(self) -> State:
        """Return the states of all generators, for `moved` and `restore`."""
        found: State = [
            random.getstate(),
            np.random.get_state(),  # noqa: NPY002
            torch.get_rng_state(),
            [device.get_state() for device in _devices()],
        ]
        found.extend(_state_of(generator) for generator in self.generators)
        return found

    def restore(self, state: State) -> None:
        """Restore the states of all generators."""
        random.setstate(state[0])
        np.random.set_state(state[1])  # noqa: NPY002
        torch.set_rng_state(state[2])
        for device, kept in zip(_devices(), state[3], strict=True):
            device.set_state(kept)
        for generator, kept in zip(self.generators, state[4:], strict=True):
            _restore_one(generator, kept)

    def moved(self, state: State) -> bool:
        """Return whether a generator was drawn from since `state` was taken."""
        return bool(_digest(self.state()) != _digest(state))


class SystemEntropy:
    """Stands in for the system's random bytes, so that passes that draw from them can be repeated.

    Attributes
    ----------
    generator
        What the bytes are drawn from.
    """

    def __init__(self) -> None:
        self.generator = random.Random(0)  # noqa: S311 - it is to be repeatable

    @contextmanager
    def stand_in(self) -> Iterator[None]:
        """Replace the random bytes of this thread within the block."""
        real, thread = os.urandom, threading.get_ident()

        def urandom(size: int) -> bytes:
            return self.generator.randbytes(size) if threading.get_ident() == thread else real(size)

        holders: list[tuple[Any, str]] = [(os, "urandom"), (random, "_urandom")]
        try:
            for module, name in holders:
                setattr(module, name, urandom)
            yield
        finally:
            for module, name in holders:
                setattr(module, name, real)


def seed_torch(seed: int) -> None:
    """Seed torch on every device in use.

    As :func:`torch.manual_seed`, which keeps a formatted stack for each device that is not in use:
    milliseconds a call.
    """
    torch.default_generator.manual_seed(seed)
    for device in _devices():
        device.manual_seed(seed)


def is_generator(value: Any) -> bool:
    """Return whether `value` is a random generator with a state of its own."""
    return isinstance(
        value,
        (random.Random, np.random.Generator, np.random.RandomState, torch.Generator),
    ) and not isinstance(value, random.SystemRandom)


def _devices() -> list[torch.Generator]:
    if torch.cuda.is_available() and torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        return list(torch.cuda.default_generators)
    return []


def _seed_one(generator: Any, seed: int) -> None:
    if isinstance(generator, np.random.Generator):
        kind: Any = type(generator.bit_generator)
        generator.bit_generator.state = kind(seed).state
    elif isinstance(generator, torch.Generator):
        generator.manual_seed(seed)
    else:
        generator.seed(seed % 2**32)


def _state_of(generator: Any) -> Any:
    if isinstance(generator, np.random.Generator):
        return generator.bit_generator.state
    if isinstance(generator, torch.Generator):
        return generator.get_state()
    return generator.get_state() if hasattr(generator, "get_state") else generator.getstate()


def _restore_one(generator: Any, kept: Any) -> None:
    if isinstance(generator, np.random.Generator):
        generator.bit_generator.state = kept
    elif hasattr(generator, "set_state"):
        generator.set_state(kept)
    else:
        generator.setstate(kept)


def _digest(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.cpu().numpy().tobytes()
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, dict):
        return tuple((key, _digest(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(_digest(item) for item in value)
    return value
