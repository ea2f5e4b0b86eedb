"""Limit how often a chart redraws, by the number of messages it sends."""

from collections import deque

STRETCH = 5.0
"""Seconds: the limit on messages holds as an average over any stretch of this length."""

SPARE = 3
"""Messages that a redraw may need beyond the last ones: a new best epoch, longer axes."""


class RedrawPace:
    """Decides when the next redraw is due.

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
        """Return whether a redraw may be sent at this time of a monotonic clock."""
        return clock >= self._next

    def wait(self, clock: float) -> None:
        """Postpone the next redraw by the shortest pause."""
        self._next = clock + self._pause

    def sent(self, count: int, clock: float) -> None:
        """Record a redraw of ``count`` messages, the last of which was sent at this time."""
        lately = self._lately
        lately.append((clock, count))
        while lately[0][0] <= clock - STRETCH:
            lately.popleft()
        self._next = clock + max(self._pause, count / self._most)
        expected = min(each for _, each in list(lately)[-2:])  # one that took many is seldom two
        room = self._most * STRETCH - SPARE - expected
        total = sum(each for _, each in lately)
        for second, each in lately:
            if total <= room:
                break
            total -= each
            self._next = max(self._next, second + STRETCH)
