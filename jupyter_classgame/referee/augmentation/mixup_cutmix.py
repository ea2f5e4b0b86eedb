"""Detection of mixup and CutMix: an image changes when others of its batch are exchanged."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from jupyter_classgame.referee.augmentation.probe_images import Array
from jupyter_classgame.referee.facts import Effect

NEAR = 0.01
ALIKE = 0.97
EVERYWHERE = 0.9
LEAST_AREA = 0.005
COINCIDENCE = 2
EXPLAINED = 0.7
WORDS = {
    "mixup": "is blended with another image",
    "cutmix": "has a piece of another image in it",
}


def of_collate(
    collate: Callable[[Sequence[Array], int], Array],
    images: Sequence[Array],
    others: Sequence[Array],
    seeds: Iterable[int],
) -> dict[str, Effect]:
    """Return how a collate function mixes images: effects by technique.

    With the same seed every second image is exchanged. What changes in the images between them
    comes from an exchanged one, and resembles the difference made there.

    Parameters
    ----------
    collate
        ``collate(images, seed)``: a batch (n, channels, height, width) of n images.
    images, others
        The images that it is called with, (channels, height, width), and as many other ones.
    """
    changed = [o if k % 2 else i for k, (i, o) in enumerate(zip(images, others, strict=True))]
    exchanged = {k: others[k] - images[k] for k in range(1, len(images), 2)}
    kinds: list[str] = []
    for seed in seeds:
        one, two = collate(images, seed), collate(changed, seed)
        if one.shape != two.shape or len(one) < len(images):
            continue
        for k in range(0, len(images), 2):
            whole = any(_rescaled(image, one[k]) for image in images)
            kinds.append("" if whole else _looks(two[k] - one[k], exchanged))
    return _found(kinds)


def _looks(change: Array, exchanged: dict[int, Array]) -> str:
    size = float(np.abs(change).max())
    if size == 0:
        return ""
    for difference in exchanged.values():
        if difference.shape != change.shape:
            continue
        where = np.abs(change).max(0) > NEAR * size
        area = float(where.mean())
        if area < LEAST_AREA or _alike(change, difference, where) < ALIKE:
            continue
        return "mixup" if area > EVERYWHERE else "cutmix"
    return ""


def _alike(change: Array, difference: Array, where: Array) -> float:
    """Return the correlation within an area, averaged over channels."""
    found = []
    for a, b in zip(change, difference, strict=True):
        x, y = a[where] - a[where].mean(), b[where] - b[where].mean()
        size = float(np.linalg.norm(x) * np.linalg.norm(y))
        found.append(float(x @ y) / size if size else 0.0)
    return float(np.mean(found))


def of_batches(draw: Callable[[str, int], Array], seeds: Iterable[int]) -> dict[str, Effect]:
    """Return how images are mixed by whatever makes the batch: effects by technique.

    Three batches with the same seed: all images are one picture, all are another, and each is one
    of the two. Unmixed, an image of the third batch equals that of the first or of the second.

    Parameters
    ----------
    draw
        ``draw(which, seed)``, which is ``"one"``, ``"two"`` or ``"both"``: a batch.
    """
    kinds: list[str] = []
    for seed in seeds:
        one, two, both = (draw(which, seed) for which in ("one", "two", "both"))
        if one.shape == two.shape == both.shape:
            kinds += [_between(a, b, c) for a, b, c in zip(one, two, both, strict=True)]
    return _found(kinds)


def _between(one: Array, two: Array, both: Array) -> str:
    whole = np.abs(two - one).max(0)
    tolerance = NEAR * max(float(whole.max()), 1e-12)
    seen = whole > 2 * tolerance
    to_one, to_two = np.abs(both - one).max(0), np.abs(both - two).max(0)
    if not seen.any() or (to_one <= tolerance).all() or (to_two <= tolerance).all():
        return ""
    if _rescaled(one, both) or _rescaled(two, both):
        return ""
    as_one, as_two = (to_one <= tolerance) & seen, (to_two <= tolerance) & seen
    if (as_one | as_two).sum() > EVERYWHERE * seen.sum():
        share = min(as_one.sum(), as_two.sum()) / seen.sum()
        return "cutmix" if share > LEAST_AREA else ""
    if (as_one | as_two).sum() >= (1 - EVERYWHERE) * seen.sum():
        return ""
    return "mixup" if _blended(both - one, two - one) else ""


def _blended(change: Array, whole: Array) -> bool:
    """Return whether a change is a fraction of the difference between two images.

    For noise, no fraction explains the change much better than 0 or 1 does.
    """
    a, b = (change - change.mean()).ravel(), (whole - whole.mean()).ravel()
    part = float(a @ b) / max(float(b @ b), 1e-12)
    rest = float(np.linalg.norm(a - part * b))
    return rest < EXPLAINED * min(float(np.linalg.norm(a)), float(np.linalg.norm(a - b)))


def _rescaled(image: Array, result: Array) -> bool:
    """Return whether a result is the image itself with another brightness and contrast."""
    if result.shape != image.shape:
        return False
    return _alike(result, image, np.ones(image.shape[1:], bool)) > 1 - 1e-4


def _found(kinds: list[str]) -> dict[str, Effect]:
    found = {}
    for kind, words in WORDS.items():
        count = kinds.count(kind)
        if count >= COINCIDENCE:
            text = f"an image {words} in {count} of {len(kinds)} draws"
            found[kind] = Effect(kind, count / len(kinds), text)
    return found
