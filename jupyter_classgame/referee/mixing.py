"""Tell mixup and cutmix by what a batch of two pictures becomes, whoever does the mixing.

With the same random choices: all images the one picture, all the other, and each either of the
two. Without mixing every image of the third batch equals its twin in the first or in the second.
"""

from collections.abc import Callable, Iterable

import numpy as np

from .facts import Effect
from .probes import Array

NEAR = 0.02
SMALL = 0.04


def measure(draw: Callable[[str, int], Array], seeds: Iterable[int]) -> dict[str, Effect]:
    """Return the mixing effects.

    Parameters
    ----------
    draw
        ``draw(which, seed)`` with which of ``"one"``, ``"two"``, ``"both"``: a batch.
    seeds
        One batch of each is drawn for every seed.
    """
    blended = pasted = total = 0
    shares: list[float] = []
    for seed in seeds:
        one, two, both = (draw(which, seed) for which in ("one", "two", "both"))
        if not one.shape == two.shape == both.shape:
            continue
        for a, b, c in zip(one, two, both, strict=True):
            total += 1
            kind, share = _kind(a, b, c)
            blended += kind == "mixup"
            pasted += kind == "cutmix"
            if kind:
                shares.append(share)
        if total >= 16 and seed % 4 == 3 and blended + pasted > 4:  # noqa: PLR2004
            break
    found = {}
    for kind, count, what in (
        ("mixup", blended, "is blended with another image"),
        ("cutmix", pasted, "has a piece of another image in it"),
    ):
        if count >= 2:  # noqa: PLR2004 - one may be a coincidence
            text = f"an image {what} in {count} of {total} draws"
            found[kind] = Effect(kind, count / total, text)
    return found


def _kind(one: Array, two: Array, both: Array) -> tuple[str, float]:
    """Say how an image that should be `one` or `two` came about."""
    step = float(np.abs(one - two).mean())
    if step == 0:
        return "", 0.0
    from_one = np.abs(both - one).mean(0) < NEAR * step
    from_two = np.abs(both - two).mean(0) < NEAR * step
    differ = np.abs(one - two).mean(0) > 2 * NEAR * step
    only_one, only_two = from_one & differ, from_two & differ
    if from_one.all() or from_two.all():
        return "", 0.0
    clear = max(int(differ.sum()), 1)
    decided = (only_one.sum() + only_two.sum()) / clear
    if decided > 0.9:  # noqa: PLR2004
        share = min(only_one.sum(), only_two.sum()) / clear
        return ("cutmix", float(share)) if share > 0.005 else ("", 0.0)  # noqa: PLR2004
    design = np.column_stack([one.ravel(), two.ravel(), np.ones(one.size)])
    weights, *_ = np.linalg.lstsq(design, both.ravel(), rcond=None)
    rest = both.ravel() - design @ weights
    fits = rest.std() < 0.15 * max(both.std(), 1e-12)
    share = float(min(weights[0], weights[1]) / max(abs(weights[0]) + abs(weights[1]), 1e-9))
    if fits and share > SMALL:
        return "mixup", share
    return "", 0.0
