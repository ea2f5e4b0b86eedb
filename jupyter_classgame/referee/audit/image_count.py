"""How many different images a run has been given, counted as they pass."""

import torch
from torch import Tensor

PIXELS = 384
"""So many places of each image are looked at, drawn anew for each run."""

SUMS = 3
"""Sums in a digest."""

SAME = 2e-3
"""Digests up to so far apart are of one image; of different ones they are some 1 apart."""

LIGHT = 0.1
"""By so much brightness and contrast are weighed, so that a difference of 2 % of them is seen."""

MARGIN, FEW = 1.05, 8
LARGEST = 100_000


class ImageCount:
    """Counts different images by digests: random sums over drawn places, alike for one image.

    Digests do not change with the scale and shift of a channel, so normalising by whatever mean
    and spread makes no other image. But where the same images have come as bright in two epochs,
    they are to come so in later ones.

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
        self._known = torch.empty(0, SUMS + 2)
        self._first: int | None = None
        self._epochs, self._steady = 0, False
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
        mean = seen.mean(2, keepdim=True)
        seen = seen - mean
        spread = seen.pow(2).mean(2, keepdim=True).sqrt().clamp_min(1e-3)
        light = LIGHT * torch.cat([mean.mean(1), spread.mean(1)], 1)
        self._new.append(torch.cat([(seen / spread).flatten(1) @ self._signs, light], 1))

    def _draw(self, images: Tensor) -> None:
        self._shape = tuple(images.shape[1:])
        generator = torch.Generator().manual_seed(self._seed)
        area = self._shape[1] * self._shape[2]
        places = torch.randperm(area, generator=generator)[:PIXELS]
        count = self._shape[0] * len(places)
        signs = torch.randn(count, SUMS, generator=generator) / count**0.5
        self._places, self._signs = places.to(images.device), signs.to(images.device)

    def epoch_ended(self) -> str:
        """Count the different images so far, and say if they are too many."""
        if self.closed or not self._new:
            return ""
        together = torch.cat([self._known, torch.cat(self._new).cpu()])
        self._new = []
        self._known = _distinct(together, SUMS + 2)
        count = len(_distinct(self._known, SUMS))
        if self._first is None:
            self._first = count
        if count > LARGEST:
            self.closed = True
            return ""
        if count > MARGIN * max(self.most, self._first) + FEW:
            self.closed = True
            return f"there have been {count:,} different images so far"
        return self._lit(count, len(self._known) - count)

    def _lit(self, count: int, otherwise: int) -> str:
        """Say whether images come in another light, which they did not in two epochs."""
        self._epochs += 1
        few = otherwise <= (MARGIN - 1) * count + FEW
        if self._steady and not few:
            self.closed = True
            return f"{otherwise:,} images have another brightness or contrast than before"
        self._steady = self._epochs > 1 and few
        return ""


def _distinct(digests: Tensor, columns: int) -> Tensor:
    """Return one digest of each group of digests that are alike in the first columns."""
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
        apart = (digests[reach:, 1:columns] - digests[:-reach, 1:columns]).abs()
        alike = near & (apart < SAME).all(1)
        new[reach:] &= ~alike
        reach += 1
        if reach > 64:
            break
    return digests[new]
