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
SOME, MOST = 0.1, 0.9
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
    images = torch.stack([image.float() for image in stored])
    own = [of_source(source) for source in splits]
    if any(one is None for one in own):
        return ""
    known = torch.cat([one for one in own if one is not None])
    plain = best_plain(images, known)
    same = plain > SAME
    share = float(same.double().mean())
    if share >= MOST:
        return ""
    others = images[~same]
    changed = best_changed(others, known)
    if hidden is not None and len(hidden) and (theirs := of_source(hidden)) is not None:
        match = best_changed(others, theirs)
        taken = int(((match > ALIKE) & (match > changed + MARGIN)).sum())
        if taken > SOME * len(images):
            return f"about {taken / len(images):.0%} of the training images are hidden ones, changed"
    if not _as_they_are(val, known):
        return ""  # all are prepared alike, which some kinds leave more like themselves than others
    if share > SOME:
        return (
            f"about {1 - share:.0%} of the stored training images are not the game's own as they "
            "are, beside others that are"
        )
    if float((changed > RECOGNISED).double().mean()) < 0.5:  # noqa: PLR2004 - most of them
        return "the stored training images are not recognised as the game's own"
    return "the stored training images were changed, and those for validation were not"


def _as_they_are(loader: Any, known: Tensor) -> bool:
    """Return whether a loader yields images of the game as they are."""
    fetcher = ImageFetcher(loader) if loader is not None else None
    if fetcher is None or not fetcher.by_index:
        return False
    indices, _ = fetcher.indices()
    step = max(1, len(indices or ()) // VALIDATED)
    images, _ = split(fetcher.fetch((indices or [])[::step][:VALIDATED]))
    if not isinstance(images, Tensor) or images.ndim != 4 or images.shape[1] not in (1, 3):  # noqa: PLR2004
        return False
    return float((best_plain(images, known) > SAME).double().mean()) >= MOST
