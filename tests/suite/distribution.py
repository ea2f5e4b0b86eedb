"""Which worker of pytest-xdist gets which tests, and in what order.

Tests that need the same server, kernel or pool of processes are a group, which one worker runs from
its first test to its last. Such tests mostly wait, so a worker that runs them leaves a core to the
others, which compute. Hence the tests are in a row with groups at one end, the longest first, and
at the other what computes, the heaviest last. Workers of even numbers take from the front, the
others from the back; they meet at short tests, so that none is left alone with a long one.
"""

from suite.tiers import needs, place

LONGEST = ("browser", "demos", "launch", "notebooks/test_resume", "notebooks/test_devices")
"""Groups that take longest, the longest first."""

HEAVIEST = ("referee", "session", "packs", "training", "evaluation", "widgets", "magics", "data")
"""Folders by what one of their tests computes, the heaviest first."""


def group(item):
    """Name the group of a test; None for one that any worker may run."""
    path, needed = place(item), needs(item)
    if "first_game" in item.fixturenames or path.stem == "test_demos":  # they look at one game
        return "demos"
    if path.is_relative_to("training/launch") and needed:  # they share a pool of processes
        return "launch"
    if needed & {"browser", "hub", "database"}:
        (name,) = needed
        return name
    if needed:
        return path.with_suffix("").as_posix()
    case = getattr(item, "callspec", None) and item.callspec.params.get("case_name")
    return f"case {case}" if case else None


def order(item):
    """Where a test stands in the row."""
    if needs(item):
        name = group(item)
        return 0, LONGEST.index(name) if name in LONGEST else len(LONGEST), name
    room = place(item).parts[0]
    return 1, len(HEAVIEST) - HEAVIEST.index(room) if room in HEAVIEST else 0, ""
