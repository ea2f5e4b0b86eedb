"""A list that is wanted at once, from a place that may be slow to answer."""

import threading
from collections.abc import Callable

INSTANT = 0.25
"""Seconds in which a ledger answers that is there."""


class PromptList:
    """Reads a list in a thread of its own, and gives what is known of it by then.

    Parameters
    ----------
    read
        Reads the list anew; takes its time.
    """

    def __init__(self, read: Callable[[], list[str]]) -> None:
        self._read = read
        self._known: list[str] = []
        self._reading: threading.Thread | None = None

    def known(self) -> list[str]:
        """Give the list; where it cannot be read within an instant, as it was last known."""
        if self._reading is None or not self._reading.is_alive():
            self._reading = threading.Thread(target=self._look, name="classgame-list", daemon=True)
            self._reading.start()
            self._reading.join(INSTANT)
        return self._known

    def _look(self) -> None:
        self._known = self._read()
