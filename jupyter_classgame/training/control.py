"""Steering a run from elsewhere: stop, pause, and a kernel interrupt that finishes the step."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

PATIENCE = 0.05
"""Seconds between two looks at the flags, while a run is paused."""


class RunControl:
    """A run's flags; they may be raised from any thread."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._go = threading.Event()
        self._go.set()
        self._resting = threading.Event()
        self._over = threading.Event()
        self.interrupted = False

    def stop(self) -> None:
        """Ask the run to end after the step it is in."""
        self._stop.set()

    def pause(self) -> None:
        """Ask the run to rest after the step it is in, until :meth:`resume` or :meth:`stop`."""
        self._go.clear()

    def resume(self) -> None:
        """Let a paused run go on."""
        self._go.set()

    def end(self) -> None:
        """Say that the run is over; nobody waits for it any longer."""
        self._over.set()

    @property
    def stopping(self) -> bool:
        """Whether the run was asked to end."""
        return self._stop.is_set()

    @property
    def pausing(self) -> bool:
        """Whether the run was asked to rest."""
        return not self._go.is_set()

    @property
    def over(self) -> bool:
        """Whether the run has ended."""
        return self._over.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the run is over; say whether it is."""
        return self._over.wait(timeout)

    def wait_until_resting(self) -> bool:
        """Wait until a paused run has finished its step; say whether it rests, or is over."""
        while not self._over.is_set():
            if self._resting.wait(PATIENCE):
                return True
        return False

    def rest(self, told: Callable[[bool], None]) -> float:
        """Rest in the run's own thread as long as it is paused.

        ``told`` hears True when the rest begins and False when it ends.

        Returns
        -------
        float
            Seconds of rest.
        """
        if self._go.is_set() or self._stop.is_set():
            return 0.0
        start = time.perf_counter()
        told(True)
        self._resting.set()
        try:
            while not self._go.wait(PATIENCE) and not self._stop.is_set():
                pass
        finally:
            self._resting.clear()
            told(False)
        return time.perf_counter() - start

    @contextmanager
    def catching_interrupts(self) -> Iterator[None]:
        """Turn the first interrupt into :meth:`stop`; a second one is a ``KeyboardInterrupt``.

        Outside the main thread signals cannot be caught, and nothing is changed.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def handle(_signal: int, _frame: FrameType | None) -> None:
            if self.interrupted:
                raise KeyboardInterrupt
            self.interrupted = True
            self.stop()

        before = signal.signal(signal.SIGINT, handle)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
