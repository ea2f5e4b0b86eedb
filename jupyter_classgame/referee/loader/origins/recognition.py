"""Recognise images of the game again: as they are, moved, turned, enlarged or negated."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from jupyter_classgame.referee.isolation.time_budget import TimeBudget

SIDE = 8
FINE = 32
CHUNK = 1024
SECONDS = 3.0
SHIFTS = (-0.25, 0.0, 0.25)
ZOOMS = (0.8, 1.25)
TURNS = (-20, -10, 10, 20)


def descriptors(images: Tensor) -> Tensor:
    """Return what images look like, (n, 3 * SIDE * SIDE), of length one.

    Brightness and contrast of each channel make no difference; a flat image is all zeros.

    Parameters
    ----------
    images
        (n, channels, height, width), with 1 or 3 channels, of any type.
    """
    small = functional.adaptive_avg_pool2d(images[:, :3].float(), SIDE)
    small = small.expand(-1, 3, -1, -1) if small.shape[1] == 1 else small
    rows = small.flatten(2)
    rows = rows - rows.mean(2, keepdim=True)
    length = rows.norm(dim=2, keepdim=True)
    rows = torch.where(length > 1e-3 * length.amax(dim=(1, 2), keepdim=True), rows / length, 0)
    return functional.normalize(rows.nan_to_num(0).flatten(1), dim=1)


def of_source(source: Any) -> Tensor | None:
    """Return the descriptors of all images of a source; None where that takes too long."""
    budget = TimeBudget(SECONDS)
    found = []
    for start in range(0, len(source), CHUNK):
        if budget.over:
            return None
        chosen = np.arange(start, min(start + CHUNK, len(source)))
        found.append(descriptors(source.images(chosen)))
    return torch.cat(found) if found else None


def best_plain(images: Tensor, known: Tensor) -> Tensor:
    """Return for each image how well it matches the best of those known, mirrored or not."""
    return torch.maximum(_matches(images, known).amax(1), _matches(images.flip(-1), known).amax(1))


def best_changed(images: Tensor, known: Tensor) -> Tensor:
    """Return the same for images that were also moved, turned, enlarged or negated."""
    scaled = functional.adaptive_avg_pool2d(images.float(), FINE)
    best = _matches(images, known).abs().amax(1)
    for matrix in _changes():
        grid = functional.affine_grid(
            matrix.expand(len(scaled), 2, 3), list(scaled.shape), align_corners=False
        )
        changed = functional.grid_sample(scaled, grid, padding_mode="border", align_corners=False)
        for turned in (changed, changed.flip(-1)):
            best = torch.maximum(best, _matches(turned, known).abs().amax(1))
    return best


def _matches(images: Tensor, known: Tensor) -> Tensor:
    return descriptors(images) @ known.T


def _changes() -> Sequence[Tensor]:
    moves = [(1.0, 0.0, x, y) for x in SHIFTS for y in SHIFTS if (x, y) != (0, 0)]
    zooms = [(zoom, 0.0, 0.0, 0.0) for zoom in ZOOMS]
    turns = [(1.0, math.radians(turn), 0.0, 0.0) for turn in TURNS]
    return [
        torch.tensor(
            [[s * math.cos(a), -s * math.sin(a), x], [s * math.sin(a), s * math.cos(a), y]]
        )
        for s, a, x, y in (*moves, *zooms, *turns)
    ]
