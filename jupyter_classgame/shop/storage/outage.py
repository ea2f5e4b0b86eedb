"""A database server that is out of reach: noticed once, and looked for in the background.

An attempt to reach a server that does not answer takes its whole time limit. So after one that took
long the next ones fail at once, until a thread that goes on trying has reached it.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

NAME = "classgame-outage"

LONG = 1.0
"""Seconds after which a failed attempt is not made again by whoever needs the server."""

PAUSE = 2.0
"""Seconds between two attempts in the background."""


class Outage:
    """Lets attempts to reach a server fail at once while it is known to be away.

    Parameters
    ----------
    reach
        Reaches the server, or raises.
    long, pause
        See :data:`LONG` and :data:`PAUSE`.

    Attributes
    ----------
    over
        Set as long as the server is not known to be away.
    """

    def __init__(
        self, reach: Callable[[], object], *, long: float = LONG, pause: float = PAUSE
    ) -> None:
        self._reach, self._long, self._pause = reach, long, pause
        self._error: Exception | None = None
        self._closed = threading.Event()
        self.over = threading.Event()
        self.over.set()

    @contextmanager
    def noticed(self) -> Iterator[None]:
        """Attempt to reach the server within the context, and take note if that fails slowly.

        Raises
        ------
        Exception
            That of the last attempt, while the server is away.
        """
        if self._error is not None:
            raise self._error.with_traceback(None)
        begun = time.monotonic()
        try:
            yield
        except Exception as error:
            if time.monotonic() - begun >= self._long and self.over.is_set():
                self._begin(error)
            raise

    def close(self) -> None:
        """Look for the server no more."""
        self._closed.set()

    def _begin(self, error: Exception) -> None:
        self._error = error
        self.over.clear()
        threading.Thread(target=self._look, name=NAME, daemon=True).start()

    def _look(self) -> None:
        while not self._closed.wait(self._pause):
            try:
                self._reach()
            except Exception:  # noqa: BLE001, S112 - a driver's own; it is away still
                continue
            break
        self._error = None
        self.over.set()
