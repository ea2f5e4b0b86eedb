"""Partition of a batch among the processes of data-parallel training."""

from dataclasses import dataclass
from typing import NamedTuple


class Shard(NamedTuple):
    """One process's part of a batch: the images from ``first`` up to, not including, ``last``.

    Attributes
    ----------
    own
        Images with weight. At 0 the process computes the batch's first image without weight, so
        that no other process waits for it.
    whole
        Images in the whole batch.
    """

    first: int
    last: int
    own: int
    whole: int


@dataclass(frozen=True)
class Partition:
    """Division among ``count`` processes, seen by the process ``rank``, from 0."""

    rank: int
    count: int

    def shard(self, whole: int) -> Shard:
        """Return this process's shard of a batch of ``whole`` images, at least 1.

        Shards are contiguous and differ by one image at most, the larger ones first.
        """
        least, more = divmod(whole, self.count)
        first = self.rank * least + min(self.rank, more)
        own = least + (self.rank < more)
        return Shard(first, first + own, own, whole) if own else Shard(0, 1, 0, whole)
