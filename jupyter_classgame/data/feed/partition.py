"""How a batch is divided among the processes that train on it together."""

from dataclasses import dataclass
from typing import NamedTuple


class Share(NamedTuple):
    """One process's part of a batch: the images from ``first`` up to ``last``.

    Attributes
    ----------
    own : int
        Images that count as its own. Where it is 0 the process takes part with the batch's first
        image, without weight, so that no process waits for it.
    whole : int
        Images of the batch.
    """

    first: int
    last: int
    own: int
    whole: int


@dataclass(frozen=True)
class Split:
    """Which of ``count`` processes this one is, ``rank`` from 0."""

    rank: int
    count: int

    def share(self, whole: int) -> Share:
        """Give this process's share of a batch of ``whole`` images, at least 1.

        Shares are contiguous and differ by one image at most, the larger ones first.
        """
        least, more = divmod(whole, self.count)
        first = self.rank * least + min(self.rank, more)
        own = least + (self.rank < more)
        return Share(first, first + own, own, whole) if own else Share(0, 1, 0, whole)
