"""Find stored images that are not the game's own: changed beforehand, hidden, or from elsewhere.

Images that were all prepared alike, those for validation too, are nothing of that: only where those
for validation are as they were, others can be told to be different.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from jupyter_classgame.referee.loader.image_fetcher import ImageFetcher, split
from jupyter_classgame.referee.loader.origins.recognition import (
    best_changed,
    best_plain,
    of_source,
)

SAMPLE, FEWEST = 64, 24
SAME = 0.985
ALIKE, MARGIN = 0.95, 0.05
RECOGNISED = 0.9
SOME, HALF, MOST = 0.1, 0.5, 0.9
VALIDATED = 24


def foreign_images(
    stored: Sequence[Tensor], val: Any, splits: tuple[Any, Any], hidden: Any | None
) -> str:
    """Say what is wrong with the origin of stored images; empty for nothing.

    Parameters
    ----------
    stored
        A sample of the training images as they are stored, each (channels, height, width).
    val
        The validation loader; None for none.
    splits, hidden
        The game's own training and validation images, and the hidden test images.
    """
    shapes = {tuple(image.shape) for image in stored}
    if len(stored) < FEWEST or len(shapes) > 1 or len(stored[0]) not in (1, 3):
        return ""
    known = _descriptors_of(splits)
    if known is None:
        return ""
    images = torch.stack([image.float() for image in stored])
    same = best_plain(images, known) > SAME
    share = float(same.double().mean())
    if share >= MOST:
        return ""
    return _of_others(images, images[~same], known, val, hidden)


def _of_others(images: Tensor, others: Tensor, known: Tensor, val: Any, hidden: Any | None) -> str:
    """Say what is wrong with those of some images that the game does not have as they are."""
    share = 1 - len(others) / len(images)
    changed = best_changed(others, known)
    taken = _hidden_ones(others, changed, hidden) / len(images)
    if taken > SOME:
        return f"about {taken:.0%} of the training images are hidden ones, changed"
    if not _as_they_are(val, known):
        return ""  # all are prepared alike, which some kinds leave more like themselves than others
    if share > SOME:
        return (
            f"about {1 - share:.0%} of the stored training images are not the game's own as they "
            "are, beside others that are"
        )
    recognised = float((changed > RECOGNISED).double().mean()) >= HALF
    return (
        "the stored training images were changed, and those for validation were not"
        if recognised
        else "the stored training images are not recognised as the game's own"
    )


def _descriptors_of(sources: Sequence[Any]) -> Tensor | None:
    """Return what the images of all sources look like; None where that takes too long."""
    found = [of_source(source) for source in sources]
    looked_at = [one for one in found if one is not None]
    return torch.cat(looked_at) if len(looked_at) == len(found) else None


def _hidden_ones(images: Tensor, changed: Tensor, hidden: Any | None) -> int:
    """Count the images that are more like hidden ones than like the others of the game."""
    theirs = of_source(hidden) if hidden is not None and len(hidden) else None
    if theirs is None:
        return 0
    match = best_changed(images, theirs)
    return int(((match > ALIKE) & (match > changed + MARGIN)).sum())


def _as_they_are(loader: Any, known: Tensor) -> bool:
    """Return whether a loader yields images of the game as they are."""
    fetcher = ImageFetcher(loader) if loader is not None else None
    if fetcher is None or not fetcher.by_index:
        return False
    indices, _ = fetcher.indices()
    step = max(1, len(indices or ()) // VALIDATED)
    images, _ = split(fetcher.fetch((indices or [])[::step][:VALIDATED]))
    if not isinstance(images, Tensor) or images.ndim != 4 or images.shape[1] not in (1, 3):
        return False
    return float((best_plain(images, known) > SAME).double().mean()) >= MOST
