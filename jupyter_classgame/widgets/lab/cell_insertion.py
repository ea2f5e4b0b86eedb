"""A cell on its way into a notebook: it is there when a front end says so, and not before."""

from collections.abc import Callable, Iterable
from threading import RLock, Timer
from typing import Any

PATIENCE = 2.0
"""Seconds that a front end has to answer. A page that was closed or reloaded never does."""


class Insertion:
    """Asks one front end after another to insert a cell, until one says that it is done.

    Nothing here waits: answers come in whatever thread, and a timer asks the next.

    Parameters
    ----------
    ask
        Asks on a comm.
    channels
        The comms, in the order in which they are asked.
    missed
        Told of a comm that has not answered in time.
    told
        Told once what came of it: whether the cell was inserted.
    """

    def __init__(
        self,
        ask: Callable[[Any], None],
        channels: Iterable[Any],
        missed: Callable[[Any], None],
        told: Callable[[bool], None],
    ) -> None:
        self._ask, self._missed, self._told = ask, missed, told
        self._left = iter(channels)
        self._lock = RLock()
        self._asked: Any = None
        self._timer: Timer | None = None
        self._over = False

    def begin(self) -> None:
        """Ask the first; without any, it is over at once."""
        self._ask_after(None)

    def inserted(self) -> None:
        """Take it that the cell is there, also from one that answers late."""
        with self._lock:
            if self._over:
                return
            self._end()
        self._told(True)

    def refused(self, channel: Any) -> None:
        """Take it that this front end cannot insert a cell."""
        self._ask_after(channel)

    def _ask_after(self, channel: Any) -> None:
        """Ask the next, unless another than this one is asked by now."""
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
        self._told(False)

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
