"""Time that an observation may take, whatever else the machine does."""

import time

WAITING = 5.0


class TimeBudget:
    """A limit of processor time, so that a busy machine observes as much as an idle one.

    Time spent waiting (for other programs, a disk, a network) counts too, but only a fifth.

    Parameters
    ----------
    seconds
        The limit, in seconds of this thread's own processor time.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._processor, self._clock = time.thread_time(), time.monotonic()

    @property
    def spent(self) -> float:
        """The seconds spent since the beginning."""
        waited = (time.monotonic() - self._clock) / WAITING
        return max(time.thread_time() - self._processor, waited)

    @property
    def over(self) -> bool:
        """Whether the limit is exceeded."""
        return self.spent > self.seconds
