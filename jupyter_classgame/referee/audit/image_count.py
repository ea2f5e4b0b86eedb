"""How many different images a run has been given, counted as they pass."""

import torch
from torch import Tensor

PIXELS = 384
"""So many places of each image are looked at, drawn anew for each run."""

SAME = 2e-3
"""Digests up to so far apart are of one image; of different ones they are some 1 apart."""

MARGIN, FEW = 1.05, 8
LARGEST = 100_000


class ImageCount:
    """Counts different images by digests: random sums over drawn places, alike for one image.

    Digests do not change with the scale and shift of a channel, so normalising by whatever mean
    and spread makes no other image.

    Parameters
    ----------
    most
        How many there are.
    seed
        Of the places and signs.
    """

    def __init__(self, most: int, seed: int) -> None:
        self.most, self._seed = most, seed
        self._new: list[Tensor] = []
        self._known = torch.empty(0, 2)
        self._first: int | None = None
        self._shape: tuple[int, ...] = ()
        self._places = self._signs = torch.empty(0)
        self.closed = False

    def add(self, images: Tensor) -> None:
        """Take the digests of a batch (N, C, H, W)."""
        if self.closed:
            return
        if images.ndim != 4 or not images.is_floating_point():
            self.closed = True
            return
        if not self._shape:
            self._draw(images)
        if tuple(images.shape[1:]) != self._shape:
            self.closed = True  # pictures of several sizes: whatever they are cut to is no copy
            return
        seen = images.detach().flatten(2).index_select(2, self._places).float()
        seen = seen - seen.mean(2, keepdim=True)
        spread = seen.pow(2).mean(2, keepdim=True).sqrt().clamp_min(1e-3)
        self._new.append((seen / spread).flatten(1) @ self._signs)

    def _draw(self, images: Tensor) -> None:
        self._shape = tuple(images.shape[1:])
        generator = torch.Generator().manual_seed(self._seed)
        area = self._shape[1] * self._shape[2]
        places = torch.randperm(area, generator=generator)[:PIXELS]
        count = self._shape[0] * len(places)
        signs = torch.randn(count, 2, generator=generator) / count**0.5
        self._places, self._signs = places.to(images.device), signs.to(images.device)

    def epoch_ended(self) -> str:
        """Count the different images so far, and say if they are too many."""
        if self.closed or not self._new:
            return ""
        together = torch.cat([self._known, torch.cat(self._new).cpu()])
        self._new = []
        self._known = _distinct(together)
        count = len(self._known)
        if self._first is None:
            self._first = count
        if count > LARGEST:
            self.closed = True
            return ""
        if count <= MARGIN * max(self.most, self._first) + FEW:
            return ""
        self.closed = True
        return f"{count:,} different images have been trained on so far"


def _distinct(digests: Tensor) -> Tensor:
    """Return one digest of each group of digests that are alike."""
    order = digests[:, 0].argsort()
    digests = digests[order]
    if len(digests) < 2:
        return digests
    # a digest is new where none of those shortly before it on the line is alike
    new = torch.ones(len(digests), dtype=torch.bool)
    reach = 1
    while reach < len(digests):
        near = digests[reach:, 0] - digests[:-reach, 0] < SAME
        if not bool(near.any()):
            break
        alike = near & ((digests[reach:, 1] - digests[:-reach, 1]).abs() < SAME)
        new[reach:] &= ~alike
        reach += 1
        if reach > 64:
            break
    return digests[new]
