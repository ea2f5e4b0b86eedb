"""Insert a cell through a front end, and wait for its confirmation."""

from collections.abc import Callable, Iterable
from threading import RLock, Timer
from typing import Any

PATIENCE = 2.0
"""Seconds that a front end has to answer; a closed or reloaded page never does."""


class CellInsertion:
    """Asks one front end after another to insert a cell, until one confirms.

    Nothing blocks: answers may arrive in any thread, and a timer moves on to the next front end.

    Parameters
    ----------
    ask
        Sends the request on a comm.
    channels
        The comms to try, in this order.
    missed
        Called with a comm that has not answered in time.
    on_done
        Called once with whether the cell was inserted.
    """

    def __init__(
        self,
        ask: Callable[[Any], None],
        channels: Iterable[Any],
        missed: Callable[[Any], None],
        on_done: Callable[[bool], None],
    ) -> None:
        self._ask, self._missed, self._on_done = ask, missed, on_done
        self._left = iter(channels)
        self._lock = RLock()
        self._asked: Any = None
        self._timer: Timer | None = None
        self._over = False

    def begin(self) -> None:
        """Ask the first front end; without any, report failure at once."""
        self._ask_after(None)

    def inserted(self) -> None:
        """Handle a confirmation, also one that arrives late."""
        with self._lock:
            if self._over:
                return
            self._end()
        self._on_done(True)

    def refused(self, channel: Any) -> None:
        """Handle a refusal of this front end."""
        self._ask_after(channel)

    def _ask_after(self, channel: Any) -> None:
        """Ask the next front end, unless another one has been asked meanwhile."""
        with self._lock:
            if self._over or channel is not self._asked:
                return
            if self._timer is not None:
                self._timer.cancel()
            self._asked = next(self._left, None)
            if self._asked is not None:
                self._timer = Timer(PATIENCE, self._expire, (self._asked,))
                self._timer.daemon = True
                self._timer.start()
                self._ask(self._asked)
                return
            self._end()
        self._on_done(False)

    def _expire(self, channel: Any) -> None:
        with self._lock:
            if self._over or channel is not self._asked:
                return
        self._missed(channel)
        self._ask_after(channel)

    def _end(self) -> None:
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
