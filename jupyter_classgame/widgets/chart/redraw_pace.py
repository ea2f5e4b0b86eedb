"""How often a chart may send: redraws as often as its messages stay within what a page takes."""

from collections import deque

STRETCH = 5.0
"""Seconds: in any stretch as long there are at most as many messages as are allowed on average."""

SPARE = 3
"""Messages that a redraw may need beyond the largest of late: a new best epoch, longer axes."""


class Pace:
    """Says when the next redraw is due.

    Parameters
    ----------
    redraws
        Most redraws a second.
    messages
        Most messages a second in any stretch of :data:`STRETCH`, unless redraws are forced.
    """

    def __init__(self, redraws: float, messages: float) -> None:
        self._pause, self._most = 1.0 / redraws, messages
        self._next = 0.0
        self._lately = deque[tuple[float, int]]()

    def due(self, clock: float) -> bool:
        """Say whether a redraw may be sent at this second of a monotonic clock."""
        return clock >= self._next

    def wait(self, clock: float) -> None:
        """Keep from looking again before the next redraw could be."""
        self._next = clock + self._pause

    def sent(self, count: int, clock: float) -> None:
        """Take note of a redraw of so many messages, the last of them sent at this second."""
        lately = self._lately
        lately.append((clock, count))
        while lately[0][0] <= clock - STRETCH:
            lately.popleft()
        self._next = clock + max(self._pause, count / self._most)
        room = self._most * STRETCH - SPARE - max(each for _, each in lately)
        total = sum(each for _, each in lately)
        for second, each in lately:
            if total <= room:
                break
            total -= each
            self._next = max(self._next, second + STRETCH)
