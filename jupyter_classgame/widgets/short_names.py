"""Shorten names to the room that a chart has for them."""

from collections.abc import Sequence


def short(name: str, limit: int = 16) -> str:
    """Cut a name's end off where it is longer than ``limit``."""
    return name if len(name) <= limit else f"{name[: limit - 1].rstrip()}…"


def fitted(names: Sequence[str], limit: int = 16) -> list[str]:
    """Shorten names while keeping them distinct.

    The end is cut off or, where that leaves several alike, the middle. Names that are still alike
    end in their number in the list.
    """
    cut = [short(name, limit) for name in names]
    half = (limit - 1) // 2
    ends = [
        f"{name[:half]}…{name[-half:]}" if cut.count(start) > 1 and len(name) > limit else start
        for name, start in zip(names, cut, strict=True)
    ]
    return [
        _numbered(name, number, limit) if ends.count(end) > 1 else end
        for number, (name, end) in enumerate(zip(names, ends, strict=True), start=1)
    ]


def _numbered(name: str, number: int, limit: int) -> str:
    tag = f" ({number})"
    return short(name, limit - len(tag)) + tag
