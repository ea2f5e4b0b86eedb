"""How a loader prepares the game's images, read off the loader itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch.utils.data import default_collate

from jupyter_classgame.data import GameDataset

READ = ("jupyter_classgame", "torch")
"""Whose loaders and datasets hand images on as they get them."""


@dataclass(frozen=True)
class Preparation:
    """What happens to images on their way: to each (``transform``), to a batch (``collate``)."""

    transform: Callable[[Any], Any] | None = None
    collate: Callable[[Any], Any] | None = None

    @classmethod
    def of(cls, loader: Any) -> "Preparation | None":
        """Read it off a loader of the game's images.

        None where it is not known: other images, or the game's inside a class of the user's.
        """
        transforms = _transforms(loader)
        if not transforms or any(each is not transforms[0] for each in transforms):
            return None
        if transforms[0] is _UNKNOWN:
            return None
        return cls(transforms[0], getattr(loader, "collate_fn", default_collate))


_UNKNOWN = object()


def _transforms(thing: Any) -> list[Any]:
    """List the transforms of the game's datasets inside a loader, or that one is not known."""
    if isinstance(thing, GameDataset):
        return [thing.transform]
    if type(thing).__module__.partition(".")[0] not in READ:
        return [_UNKNOWN]
    if isinstance(parts := getattr(thing, "datasets", None), (list, tuple)):
        return [transform for part in parts for transform in _transforms(part)]
    return _transforms(thing.dataset) if hasattr(thing, "dataset") else [_UNKNOWN]


PLAIN = Preparation(None, default_collate)
"""Nothing happens to images."""
