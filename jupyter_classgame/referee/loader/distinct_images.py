"""Count the distinct images a loader reaches, and find those that stand elsewhere too.

An image is known by where it is kept: a position in a source or an array, a file. Places are told
apart by content: bytes for arrays and files, thumbnails where one side was scaled.
"""

from typing import Any

from jupyter_classgame.referee.facts import ImageFacts
from jupyter_classgame.referee.loader.image_identity import ImageIdentifier, alike
from jupyter_classgame.referee.loader.reachable_images import ReachableImages, find_reachable_images

NATURAL = 0.05


def observe_images(
    train: Any, val: Any | None, *, allowance: int | None, hidden: Any | None
) -> ImageFacts:
    """Count training images and compare them with validation and hidden ones.

    Parameters
    ----------
    train, val
        Loaders.
    allowance
        How many distinct training images the team may use.
    hidden
        The hidden test images: a source with ``len`` and ``images(indices)``.
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
            hits, asked = alike(identifier, other.keys, reachable.keys)
            if asked and hits / asked > NATURAL:
                facts.shared, total = hits, asked
        if facts.shared:
            facts.shared_text = f"{facts.shared:,} of {total:,} validation images are trained on"
    if hidden is not None and not reachable.number_only:
        _find_hidden(facts, identifier, reachable, hidden)
    return facts


def _same_homes(reachable: ReachableImages, other: ReachableImages) -> bool:
    """Both sides are sources of the game, which keeps its splits apart."""
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
            hits, asked = alike(identifier, strangers, keys)
            if asked and hits / asked > NATURAL:
                facts.hidden = hits
    if facts.hidden:
        facts.hidden_text = f"{facts.hidden:,} of the hidden test images are trained on"
