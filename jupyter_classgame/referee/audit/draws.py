"""Which steps are audited: drawn by the system, when they are due."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SHARE = 0.01
"""The share of a run's time that audits beyond those of each epoch may take."""

EVERY_STEP = False
"""Audits each step, for tests."""

MOST = 0.25
"""The largest share of steps beyond those of each epoch."""


class Draws:
    """Draws the steps of a run that are audited.

    One lies in the second half of each epoch, which holds for the last one too. Others come with a
    probability by which all of them together take a small share of the run's time, as measured.
    The draws are the operating system's: no generator that a notebook can seed or read foretells
    them.
    """

    def __init__(self) -> None:
        self._system = random.SystemRandom()
        self._started = time.perf_counter()
        self._spent = 0.0
        self._audits = self._planned = self._batch = self._before = 0

    def epoch_begins(self, batches: int | None) -> None:
        """Draw the audit of an epoch of so many batches; by the one before where unknown."""
        self._before, self._batch = self._batch, 0
        count = batches or self._before
        self._planned = self._system.randint(count // 2 + 1, count) if count else 0

    def due(self) -> bool:
        """Say whether the next batch is audited."""
        self._batch += 1
        if EVERY_STEP or self._batch == self._planned:
            return True
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
