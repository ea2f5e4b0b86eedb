"""Running means within an epoch, and what a chart draws of them."""

from typing import NamedTuple

import numpy as np

from jupyter_classgame.events import EpochEnded, Progress

MOST = 200
"""Most points that are kept of an epoch: each second one is dropped when there are more."""


class Means(NamedTuple):
    """Mean loss and accuracy at a point of a run: how many epochs are done, with a fraction."""

    at: float
    loss: float
    acc: float


class EpochMeans:
    """Running means of the epoch under way and of the one before.

    Within an epoch a chart draws the means over as many batches as an epoch has, those from the
    epoch before included. So the line goes on from where that epoch has ended, without a jump.
    """

    def __init__(self) -> None:
        self._epoch = 0
        self._now = [Means(0.0, 0.0, 0.0)]
        self._before: list[Means] | None = None

    def take(self, event: Progress | EpochEnded) -> None:
        """Take the means at a point within an epoch, or of a whole epoch."""
        if isinstance(event, EpochEnded):
            self._turn(event.epoch)
            whole = Means(1.0, event.train_loss, event.train_acc)
            self._before, self._now = [*self._now, whole], [Means(0.0, 0.0, 0.0)]
            self._epoch = event.epoch + 1
        elif event.batches:
            self._turn(event.epoch)
            done = event.batch / event.batches
            self._now.append(Means(done, event.loss, event.acc))
            if len(self._now) > MOST:
                self._now = [self._now[0], *self._now[2::2]]

    def _turn(self, epoch: int) -> None:
        """Begin an epoch anew, unless it is under way."""
        if epoch != self._epoch:
            self._epoch, self._before, self._now = epoch, None, [Means(0.0, 0.0, 0.0)]

    def points(self) -> list[Means]:
        """Return the means of the epoch under way over an epoch's worth of batches."""
        if self._before is None:
            return [point._replace(at=self._epoch - 1 + point.at) for point in self._now[1:]]
        return [self._moving(point, self._before) for point in self._now[1:]]

    def begun(self) -> list[Means]:
        """Return the running means of the epoch before, from its first batches on."""
        before = self._before or []
        return [point._replace(at=self._epoch - 2 + point.at) for point in before[1:-1]]

    def _moving(self, now: Means, before: list[Means]) -> Means:
        """Add the batches of the epoch before from the same point on."""
        shares = [point.at for point in before]

        def mean(name: str) -> float:
            sums = [point.at * getattr(point, name) for point in before]
            left = sums[-1] - float(np.interp(now.at, shares, sums))
            return float(now.at * getattr(now, name) + left)

        return Means(self._epoch - 1 + now.at, mean("loss"), mean("acc"))
