"""Sending what has changed: at once, and then so often at most."""

import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Outbox:
    """Calls a function soon after it is asked to, in a thread of its own, and never too often.

    What is asked for while a call is due is in that call, so that the last change is always sent.

    Parameters
    ----------
    send
        Sends how things stand.
    pause
        Least seconds between two calls.
    """

    def __init__(self, send: Callable[[], None], pause: float) -> None:
        self._send, self._pause = send, pause
        self._lock = threading.Lock()
        self._due = False
        self._next = 0.0

    def ask(self) -> None:
        """Have things sent; costs next to nothing where that is due already."""
        with self._lock:
            if self._due:
                return
            self._due = True
            timer = threading.Timer(max(0.0, self._next - time.monotonic()), self._call)
        timer.daemon = True
        timer.start()

    def _call(self) -> None:
        with self._lock:
            self._due = False
            self._next = time.monotonic() + self._pause
        try:
            self._send()
        except Exception:
            logger.exception("the labextension could not be told how the game stands")
