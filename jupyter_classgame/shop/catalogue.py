"""The catalogue: all items of a pack, and their lookup by name."""

import difflib
from collections.abc import Callable, Iterable, Iterator

from jupyter_classgame.errors import OrderError
from jupyter_classgame.shop.item import GROUPS, Item

NEAR = 0.6
"""Similarity, from 0 to 1, from which an item's name is suggested."""

EVERYTHING = frozenset({"everything", "all", "all items", "the shop"})

_SPACES = str.maketrans("-_", "  ")
_QUOTES = {ord(mark): "'" for mark in "\u2018\u2019\u201a\u201b\u00b4`"} | {
    ord(mark): '"' for mark in "\u201c\u201d\u201e\u201f"
}


def _key(text: str) -> str:
    """Normalise case, white space and hyphens: ``flip_trick`` and ``Flip  Trick`` are equal."""
    return " ".join(straight(text).translate(_SPACES).casefold().split())


def straight(text: str) -> str:
    """Replace typographic quotes by ASCII ones."""
    return text.translate(_QUOTES)


class Catalogue:
    """The items of a pack, in shelf order.

    Parameters
    ----------
    items
        The items. Their names, slugs, techniques and aliases must not overlap.

    Raises
    ------
    ValueError
        Two items have the same name.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = {item.slug: item for item in items}
        self._names: dict[str, Item] = {}
        for item in self._items.values():
            for name in item.names():
                other = self._names.setdefault(_key(name), item)
                if other is not item:
                    raise ValueError(f"{name!r} names both {other.slug} and {item.slug}")

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, slug: object) -> bool:
        return slug in self._items

    def __getitem__(self, slug: str) -> Item:
        return self._items[slug]

    def get(self, text: str) -> Item | None:
        """Look an item up by any of its names, in any case; None if there is none."""
        return self._names.get(_key(text))

    def find(self, text: str, unsold: Callable[[str], str] | None = None) -> Item:
        """Look an item up by name, slug, technique or alias, in any case.

        Parameters
        ----------
        text
            One of its names.
        unsold
            Returns why a technique is not for sale; empty if there is no such technique.

        Raises
        ------
        OrderError
            No item has this name; the message lists the closest names.
        """
        item = self.get(text)
        if item is None:
            shown = text if len(text) <= 40 else text[:39] + "…"
            if unsold and (why := unsold(_key(text).replace(" ", "-"))):
                raise OrderError(f'"{shown}" {why}')
            if _key(text) in EVERYTHING:
                raise OrderError(
                    "an order names its items one by one, with commas between; %shop lists them"
                )
            raise OrderError(f'the shop has no "{shown}"{self._nearest(text)}')
        return item

    def near(self, text: str, closeness: float = NEAR) -> list[str]:
        """List up to three items with similar names, the most similar first."""
        keys = difflib.get_close_matches(_key(text[:200]), self._names, n=6, cutoff=closeness)
        return list(dict.fromkeys(self._names[key].name for key in keys))[:3]

    def _nearest(self, text: str) -> str:
        names = self.near(text)
        if not names:
            return "; %shop lists what it sells"
        suggestions = " or ".join(f'"{name}"' for name in names)
        return f"; did you mean {suggestions}?"

    def groups(self) -> dict[str, list[Item]]:
        """Group the items by shelf, as ordered in :data:`~jupyter_classgame.shop.item.GROUPS`."""
        shelves = {group: [item for item in self if item.group == group] for group in GROUPS}
        return {group: items for group, items in shelves.items() if items}
