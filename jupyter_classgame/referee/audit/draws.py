"""Which steps are audited: drawn by the system, when they are due."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

SHARE = 0.01
"""The share of a run's time that audits beyond those of each epoch may take."""

EVERY_STEP = False
"""Audits each step, for tests."""

MORE = 0.004
"""The probability of a step beyond those of each epoch, where several processes share a run."""

MOST = 0.25
"""The largest share of steps beyond those of each epoch."""


class Draws:
    """Draws the steps of a run that are audited.

    One lies in the second half of each epoch, which holds for the last one too. Others come with a
    probability by which all of them together take a small share of the run's time, as measured.
    The draws are the operating system's: no generator that a notebook can seed or read foretells
    them. Processes that share a run draw the same steps, by a seed of all of them.

    Parameters
    ----------
    every
        Audit each step.
    """

    def __init__(self, *, every: bool | None = None) -> None:
        self.every = EVERY_STEP if every is None else every
        self._system = random.SystemRandom()
        self._steps: random.Random = self._system
        self._shared = False
        self._started = time.perf_counter()
        self._spent = 0.0
        self._audits = self._planned = self._batch = self._before = 0

    def share(self, total: Callable[[Tensor], Tensor]) -> None:
        """Draw the same steps as others, whose tensors ``total`` adds up."""
        seed = total(torch.tensor([self._system.getrandbits(40)], dtype=torch.float64))
        self._steps = random.Random(int(seed.item()))  # noqa: S311 - its seed is the system's
        self._shared = True

    def epoch_begins(self, batches: int | None) -> None:
        """Draw the audit of an epoch of so many batches; by the one before where unknown."""
        self._before, self._batch = self._batch, 0
        count = batches or self._before
        self._planned = self._steps.randint(count // 2 + 1, count) if count else 0

    def due(self) -> bool:
        """Say whether the next batch is audited."""
        self._batch += 1
        if self.every or self._batch == self._planned:
            return True
        if self._shared:  # times are not the same in all of them
            return self._steps.random() < MORE
        taken = time.perf_counter() - self._started
        cost = self._spent / self._audits if self._audits else 0.0
        steps = max(1, self._batch)
        if not cost or self._spent > SHARE * taken:
            return False
        return self._system.random() < min(MOST, 1 / steps + SHARE)

    def number(self, most: int) -> int:
        """Draw one of 1 to ``most``."""
        return self._system.randint(1, most)

    def shuffle(self, things: list[Any]) -> None:
        """Bring things into an order that is drawn."""
        self._system.shuffle(things)

    def seed(self) -> int:
        """Draw a seed."""
        return self._system.getrandbits(31)

    @contextmanager
    def timed(self, *, whole: bool = False) -> Iterator[None]:
        """Count what is done here as spent on audits; ``whole`` ends one of them."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._spent += time.perf_counter() - start
            self._audits += whole
