"""Count the distinct images of a loader, and find those that another one has too.

An image is identified by where it is stored: its index in a source or an array, or its file. For
arrays and files the bytes are compared, and thumbnails where one of two images was scaled.
"""

from typing import Any

from jupyter_classgame.referee.facts import ImageFacts
from jupyter_classgame.referee.loader.image_identity import ImageIdentifier, alike
from jupyter_classgame.referee.loader.reachable_images import ReachableImages, find_reachable_images

NATURAL = 0.05


def observe_images(
    train: Any, val: Any | None, *, allowance: int | None, hidden: Any | None
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
    """
    facts = ImageFacts(allowance=allowance)
    reachable = find_reachable_images(train)
    if reachable is None:
        return facts
    identifier = ImageIdentifier(reachable.homes)
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
        facts.shared = sum(name in names for name in theirs)
        total = len(theirs)
        if not facts.shared and not _same_homes(reachable, other):
            hits, sampled = alike(identifier, other.keys, reachable.keys)
            if sampled and hits / sampled > NATURAL:
                facts.shared, total = hits, sampled
        if facts.shared:
            facts.shared_text = f"{facts.shared:,} of {total:,} validation images are trained on"
    if hidden is not None and not reachable.number_only:
        _find_hidden(facts, identifier, reachable, hidden)
    return facts


def _same_homes(reachable: ReachableImages, other: ReachableImages) -> bool:
    """Return whether both loaders use sources of the game, whose splits share no images."""
    return all(key[0] == "source" for key in [*reachable.keys[:1], *other.keys[:1]]) and all(
        key[0] == "source" for key in (*reachable.keys, *other.keys)
    )


def _find_hidden(
    facts: ImageFacts, identifier: ImageIdentifier, reachable: ReachableImages, hidden: Any
) -> None:
    direct = sum(key[0] == "source" and key[1] == id(hidden) for key in reachable.keys)
    if direct:
        facts.hidden = direct
    else:
        strangers = [k for k in reachable.keys if k[0] != "source"]
        if strangers and len(hidden):
            homes = {id(hidden): hidden}
            identifier.homes.update(homes)
            keys = [("source", id(hidden), i) for i in range(len(hidden))]
            hits, sampled = alike(identifier, strangers, keys)
            if sampled and hits / sampled > NATURAL:
                facts.hidden = hits
    if facts.hidden:
        facts.hidden_text = f"{facts.hidden:,} of the hidden test images are trained on"
