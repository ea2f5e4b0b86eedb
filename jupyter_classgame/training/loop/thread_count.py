"""Number of torch threads that a run's steps are fastest with, found by measuring them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import fmean

import torch

from jupyter_classgame import processors
from jupyter_classgame.training.run.run_request import RunRequest

STEPS = 4
"""Steps that are measured with each number, after one that is not: it sets up its threads."""

GAIN = 0.95
"""More threads are taken if a step with them takes at most this part of the time."""

HOPELESS = 1.5
"""A number is given up as soon as one step with it takes so many times as long."""

WINDOW = 10
CHANGED = 1.5
"""Measure again when the steps of a window take so many times as long as before, or as short."""

SOONEST, LATEST = 10.0, 50.0
"""Measuring again waits for so many times what it costs; at the latest it is due anyway."""


class ThreadCount:
    """Chooses the number of torch threads while a run trains.

    On a machine that is shared, threads wait for each other in every small operation, and one is
    faster than many. So some steps are timed with 1 thread, with 2, with 4 and so on as long as
    that gains; again when steps become slower or faster; and now and then, for more threads may
    gain again without the steps having changed.

    Parameters
    ----------
    most
        The largest number.
    use
        Sets the number of threads.
    clock
        Gives the time in seconds.

    Attributes
    ----------
    count
        The number in use.
    """

    def __init__(
        self,
        most: int,
        use: Callable[[int], None] = torch.set_num_threads,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.most, self.count = most, most
        self._use, self._clock = use, clock
        self._last: float | None = None
        self._costs: dict[int, float] = {}
        self._times: list[float] = []
        self._measuring = False
        self._reference = self._soonest = self._latest = self._begun = 0.0
        if most > 1:
            self._measure()

    def step(self) -> None:
        """Note that a step begins, and that the one before has ended."""
        if self.most == 1:
            return
        now = self._clock()
        if self._last is not None:
            self._take(now - self._last, now)
            now = self._clock()
        self._last = now

    def rest(self) -> None:
        """Note that the time until the next step is not the last one's."""
        self._last = None

    def _take(self, seconds: float, now: float) -> None:
        self._times.append(seconds)
        if self._measuring:
            self._compare(now)
        elif len(self._times) == WINDOW:
            mean = fmean(self._times)
            self._times = []
            changed = not 1 / CHANGED < mean / self._reference < CHANGED
            if now > self._latest or (changed and now > self._soonest):
                self._measure()

    def _measure(self) -> None:
        self._measuring, self._costs = True, {}
        self._begun = self._clock()
        self._set(1)

    def _compare(self, now: float) -> None:
        """Go on to the next number, or settle for the best."""
        best = min(self._costs.values(), default=float("inf"))
        times = self._times[1:]
        hopeless = bool(times) and times[-1] > HOPELESS * best
        if not hopeless and len(times) < STEPS:
            return
        mean = fmean(times)
        gains = not hopeless and mean < GAIN * best
        if gains:
            self._costs[self.count] = mean
            if self.count < self.most:
                self._set(min(2 * self.count, self.most))
                return
        self._settle(now)

    def _settle(self, now: float) -> None:
        self._measuring = False
        count = min(self._costs, key=self._costs.__getitem__)
        self._reference = self._costs[count]
        cost = now - self._begun
        self._soonest, self._latest = now + SOONEST * cost, now + LATEST * cost
        self._set(count)

    def _set(self, count: int) -> None:
        self._times = []
        if count != self.count:
            self._use(count)
        self.count = count


@contextmanager
def threads_for(request: RunRequest, device: torch.device, processes: int) -> Iterator[ThreadCount]:
    """Set torch's threads for a run's steps within the context: fixed, or chosen by measuring.

    Never more than torch had, or than the process's processors. On another device than the CPU
    the number stays what it is; several processes, which wait for each other, do not measure.
    """
    before = torch.get_num_threads()
    if device.type != "cpu":
        yield ThreadCount(1)
        return
    most = min(before, processors.usable()) if request.threads is None else request.threads
    torch.set_num_threads(most)
    try:
        yield ThreadCount(most if request.measure_threads and processes == 1 else 1)
    finally:
        torch.set_num_threads(before)
