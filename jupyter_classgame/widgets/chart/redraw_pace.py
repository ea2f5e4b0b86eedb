"""Limit how often a chart redraws, by the number of messages it sends."""

from collections import deque

STRETCH = 5.0
"""Seconds: the limit on messages holds as an average over any stretch of this length."""

SPARE = 4
"""Messages that a redraw with news may need beyond the last ones: a new best epoch, longer axes."""


class RedrawPace:
    """Decides when the next redraw is due.

    Redraws keep to a schedule: one that comes late, as a run reports only now and then, does not
    make those after it late as well.

    Parameters
    ----------
    redraws
        Most redraws a second.
    messages
        Most messages a second in any stretch of :data:`STRETCH`, unless redraws are forced.
    """

    def __init__(self, redraws: float, messages: float) -> None:
        self._pause, self._most = 1.0 / redraws, messages
        self._next = self._next_with_news = self._due = 0.0
        self._lately = deque[tuple[float, int]]()

    def due(self, clock: float, *, more: bool = True) -> bool:
        """Return whether a redraw may be sent at this time of a monotonic clock.

        One that shows ``more`` than the last, such as a whole epoch, may take more messages.
        """
        return clock >= (self._next_with_news if more else self._next)

    def wait(self, clock: float) -> None:
        """Postpone the next redraw by the shortest pause."""
        self._due = min(max(self._next, clock - self._pause), clock)
        self._next = self._next_with_news = clock + self._pause

    def sent(self, count: int, clock: float) -> None:
        """Record a redraw of ``count`` messages, the last of which was sent at this time."""
        lately = self._lately
        lately.append((clock, count))
        while lately[0][0] <= clock - STRETCH:
            lately.popleft()
        expected = min(each for _, each in list(lately)[-2:])  # one that took many is seldom two
        self._next = max(clock + self._pause, self._time_for(expected))
        self._next_with_news = max(self._next, self._time_for(expected, SPARE))

    def _time_for(self, count: int, spare: int = 0) -> float:
        """Return when a redraw of so many messages, or some more, is due: when it fits, evenly."""
        budget = self._most * STRETCH - spare
        total, free = sum(each for _, each in self._lately), 0.0
        for second, each in self._lately:
            if total + count <= budget:
                break
            total -= each
            free = second + STRETCH
        return max(free, self._due + STRETCH / max(1, budget // max(1, count)))
