"""How far an optimizer's step lies from that of its twin."""

from collections.abc import Iterable

APART = 1e-3
"""Share of a step that is no difference."""


def described(parameters: Iterable[tuple[float, float, float]]) -> str:
    """Describe the parameters that a step has left elsewhere than its twin; empty for none.

    Parameters
    ----------
    parameters
        For each how far it lies from its twin, how far the twin has moved, and what of the first
        is noise. One that is not a number tells nothing.
    """
    worst, off, count = 0.0, 0, 0
    for apart, moved, noise in parameters:
        count += 1
        if apart != apart or apart <= APART * moved + noise:  # noqa: PLR0124 - not a number
            continue
        off += 1
        worst = max(worst, apart / max(moved, noise))
    if not off:
        return ""
    many = f"{off} of {count} parameters"
    return f"the optimizer's step left {many} elsewhere, by {min(worst, 100):.0%} of its length"
