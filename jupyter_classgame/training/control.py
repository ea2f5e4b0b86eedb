"""Stopping a run: by a button, or by a kernel interrupt that lets the step in hand be finished."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class RunControl:
    """A run's stop flag; it may be raised from any thread."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self.interrupted = False

    def stop(self) -> None:
        """Ask the run to end after the step it is in."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether the run was asked to end."""
        return self._stop.is_set()

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
