"""Count the distinct images of a loader, and find those that another one has too.

An image is identified by where it is stored: its index in a source or an array, or its file. For
arrays and files the bytes are compared, and thumbnails where one of two images was scaled.
"""

from typing import Any

from torch import Tensor

from jupyter_classgame.referee.facts import ImageFacts
from jupyter_classgame.referee.loader.image_identity import SECONDS, ImageIdentifier, Key, alike
from jupyter_classgame.referee.loader.origins.foreign_images import SAMPLE, foreign_images
from jupyter_classgame.referee.loader.reachable_images import ReachableImages, find_reachable_images

NATURAL = 0.05
MARGIN = 1.2
"""How many times as many copies as the game's own splits have in common are let pass."""

Splits = tuple[Any, Any]
"""A game's training and validation images: objects with ``len`` and ``image(i)``."""


def observe_images(
    train: Any,
    val: Any | None,
    *,
    allowance: int | None,
    hidden: Any | None,
    splits: Splits | None = None,
) -> ImageFacts:
    """Count the training images and compare them with validation and hidden test images.

    Parameters
    ----------
    train, val
        Loaders.
    allowance
        How many distinct training images the team may use; None for any number.
    hidden
        The hidden test images: an object with ``len``, ``images(indices)`` and ``image(i)``.
    splits
        The game's own training and validation images, such objects too. A folder may hold copies
        of one picture, some in each split: to train on those of the training split is honest.
    """
    facts = ImageFacts(allowance=allowance)
    reachable = find_reachable_images(train)
    if reachable is None:
        return facts
    identifier = ImageIdentifier(reachable.homes)
    if hidden is not None and len(hidden):
        identifier.size = tuple(hidden.image(0).shape[1:])
    names = (
        set(reachable.keys)
        if reachable.number_only
        else {identifier.name(k) for k in reachable.keys}
    )
    facts.distinct = len(names)
    about = "about " if reachable.guessed else ""
    facts.text = f"{about}{len(names):,} distinct images can be reached"
    other = find_reachable_images(val) if val is not None else None
    if other is not None and not (reachable.number_only or other.number_only):
        identifier.homes.update(other.homes)
        theirs = [identifier.name(key) for key in other.keys]
        found = [key for key, name in zip(other.keys, theirs, strict=True) if name in names]
        total = len(theirs)
        if not found and not _same_homes(reachable, other):
            found, total = alike(identifier, other.keys, reachable.keys)
            found = found if len(found) > NATURAL * total else []
        facts.shared = _without_copies(identifier, found, total, splits)
        if facts.shared:
            facts.shared_text = f"{facts.shared:,} of {total:,} validation images are trained on"
    if hidden is not None and not reachable.number_only:
        _find_hidden(facts, identifier, reachable, hidden, splits)
    if splits is not None and not (reachable.number_only or facts.hidden or facts.shared):
        stored = _stored(identifier, reachable)
        facts.foreign = foreign_images(stored, val, splits, hidden) if stored else ""
    return facts


def _stored(identifier: ImageIdentifier, reachable: ReachableImages) -> list[Tensor]:
    """Return a sample of the images that are stored elsewhere than in the game's own sources."""
    keys = [
        key for key in reachable.keys if key[0] in ("row", "file")
        or (key[0] == "item" and isinstance(identifier.homes[key[1]], (list, tuple)))
    ]  # fmt: skip
    step = max(1, len(keys) // SAMPLE)
    images = [identifier.image(key) for key in keys[::step][:SAMPLE]]
    return [image for image in images if image is not None]


def _without_copies(
    identifier: ImageIdentifier, found: list[Key], total: int, splits: Splits | None
) -> int:
    """Count the images of ``found`` that are not in both of the game's splits, as copies.

    Of many, a sample stands for all. Images that are prepared in a way of their own may not be
    known again: no more of all ``total`` images are let pass than the splits have in common.
    """
    if not found or splits is None:
        return len(found)
    train, val = splits
    keys = _add_source(identifier, val)
    held_out, sampled = alike(identifier, found, keys)
    copies = _copies(identifier, held_out, train)
    rest = round(len(found) * (1 - len(copies) / sampled)) if sampled else len(found)
    if rest:
        common, sampled = alike(identifier, keys, _add_source(identifier, train), 4 * SECONDS)
        if rest * sampled <= MARGIN * len(common) * total:
            return 0
    return rest


def _copies(identifier: ImageIdentifier, found: list[Key], images: Any) -> list[Key]:
    """Return those of ``found`` that are among ``images`` too, looked for longer than others."""
    keys = _add_source(identifier, images)
    return alike(identifier, found, keys, 4 * SECONDS)[0] if found else []


def _add_source(identifier: ImageIdentifier, images: Any) -> list[Key]:
    """Make a source of images known, and return the keys of its images."""
    identifier.homes[id(images)] = images
    return [("source", id(images), index) for index in range(len(images))]


def _same_homes(reachable: ReachableImages, other: ReachableImages) -> bool:
    """Return whether both loaders use sources of the game, whose splits share no images."""
    return all(key[0] == "source" for key in [*reachable.keys[:1], *other.keys[:1]]) and all(
        key[0] == "source" for key in (*reachable.keys, *other.keys)
    )


def _find_hidden(
    facts: ImageFacts,
    identifier: ImageIdentifier,
    reachable: ReachableImages,
    hidden: Any,
    splits: Splits | None,
) -> None:
    direct = sum(key[0] == "source" and key[1] == id(hidden) for key in reachable.keys)
    if direct:
        facts.hidden = direct
    else:
        strangers = [k for k in reachable.keys if k[0] != "source"]
        if strangers and len(hidden):
            found, sampled = alike(identifier, strangers, _add_source(identifier, hidden))
            if len(found) > NATURAL * sampled:
                # What is in the training split as well is no proof of having the hidden images.
                honest = _copies(identifier, found, splits[0]) if splits else []
                rest = len(found) - len(honest)
                facts.hidden = rest if rest > NATURAL * sampled else 0
    if facts.hidden:
        facts.hidden_text = f"{facts.hidden:,} of the hidden test images are trained on"
