"""Limit how often a state is sent: at once, then after a pause."""

import logging
import math
import time
from collections.abc import Callable
from threading import Lock, Timer

logger = logging.getLogger(__name__)


class SendThrottle:
    """Calls a function soon after each request, in a thread of its own, at a limited rate.

    Requests made while a call is due are merged into it, so that the last change is always sent.
    Calls do not overlap, so that no older state is sent after a newer one.

    Parameters
    ----------
    send
        Sends the current state.
    pause
        Least seconds between two calls.
    """

    def __init__(self, send: Callable[[], None], pause: float) -> None:
        self._send, self._pause = send, pause
        self._lock, self._sending = Lock(), Lock()
        self._timer: Timer | None = None
        self._due = math.inf
        self._last = -math.inf

    @property
    def due(self) -> bool:
        """Whether a call is scheduled."""
        return self._due < math.inf

    def ask(self, pause: float | None = None) -> None:
        """Request a call; costs next to nothing when one is due already.

        Parameters
        ----------
        pause
            Least seconds since the last call, for a request that can wait longer than others.
        """
        with self._lock:
            now = time.monotonic()
            due = max(now, self._last + (self._pause if pause is None else pause))
            if due >= self._due:
                return
            if self._timer is not None:
                self._timer.cancel()
            self._due = due
            self._timer = Timer(due - now, self._call, (due,))
            self._timer.daemon = True
            self._timer.start()

    def _call(self, due: float) -> None:
        with self._sending:
            with self._lock:
                if due != self._due:  # an earlier one was asked for
                    return
                self._due, self._last = math.inf, time.monotonic()
            try:
                self._send()
            except Exception:
                logger.exception("the state of the game could not be sent to the labextension")
