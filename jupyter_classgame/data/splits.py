"""Stratified splits and subsets, the same for every team and on every machine."""

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

from jupyter_classgame.data.images.refused_files import FileList
from jupyter_classgame.data.images.source_pictures import Collection, Indices, LabelledPictures
from jupyter_classgame.errors import DataError

CUT_SHARE = 0.2
"""Share of the training images that a missing test or validation split gets."""

TEST_SEED, VAL_SEED, FRACTION_SEED = 1, 2, 3


def split_parts(
    collection: Collection,
) -> tuple[LabelledPictures, LabelledPictures, LabelledPictures]:
    """Return the training, validation and test pictures of a collection.

    A missing test split is 20 % of the training pictures; a missing validation split is 20 % of
    those that remain. Both are stratified and depend only on the labels, their order, and which
    pictures are copies of one another: copies stay on one side.

    Raises
    ------
    DataError
        A class has too few training pictures for one in each split.
    """
    train, val, test = collection.train, collection.val, collection.test
    cut = [role for role, part in (("validation", val), ("test", test)) if part is None]
    counts = np.bincount(train.labels, minlength=len(collection.classes))
    if cut and counts.min() <= len(cut):
        smallest = int(counts.argmin())
        others = [
            repr(name)
            for number, (name, count) in enumerate(zip(collection.classes, counts, strict=True))
            if count <= len(cut) and number != smallest
        ]
        more = f" Too small as well: {FileList(others)}." if others else ""
        raise DataError(
            f"class {collection.classes[smallest]!r} of {collection.name} has {counts[smallest]} "
            f"training image{'s' if counts[smallest] != 1 else ''}; it needs at least "
            f"{len(cut) + 1}, since {' and '.join(cut)} images are taken from them.{more}"
        )
    originals = train.pictures.originals() if cut else train.labels
    if test is None:
        rest, taken = stratified_split(train.labels, CUT_SHARE, seed=TEST_SEED, originals=originals)
        train, test, originals = train.take(rest), train.take(taken), originals[rest]
    if val is None:
        rest, taken = stratified_split(train.labels, CUT_SHARE, seed=VAL_SEED, originals=originals)
        train, val = train.take(rest), train.take(taken)
    return train, val, test


def stratified_split(
    labels: Indices, share: float, *, seed: int, originals: Indices | None = None
) -> tuple[Indices, Indices]:
    """Split off a ``share`` of every class: at least one image, and never the only one.

    Parameters
    ----------
    labels
        Class numbers, shape (n,).
    share
        Above 0, below 1.
    seed
        Of the draw.
    originals
        A number for each image, the same for copies of one picture. Copies follow the first of
        them, as long as each side keeps an image of their class.

    Returns
    -------
    tuple of ndarray
        Sorted positions of the rest and of the share, int64.
    """
    taken = [
        order[: min(max(1, _rounded(share * len(order))), len(order) - 1)]
        for order in _shuffled_classes(labels, seed)
    ]
    cut = np.sort(np.concatenate(taken))
    if originals is not None:
        cut = _with_copies(cut, labels, originals)
    return np.setdiff1d(np.arange(len(labels)), cut, assume_unique=True), cut


def _with_copies(cut: Indices, labels: Indices, originals: Indices) -> Indices:
    """Move copies to the side of the first of them; return the share, sorted."""
    inside = np.zeros(len(labels), bool)
    inside[cut] = True
    _, first, which = np.unique(originals, return_index=True, return_inverse=True)
    counts = np.bincount(labels), np.bincount(labels[cut], minlength=int(labels.max()) + 1)
    left = {True: counts[1], False: counts[0] - counts[1]}
    least = {True: 1, False: 2}  # of the rest, another share may be split off
    for copy in np.flatnonzero(inside != inside[first][which]).tolist():
        side, label = bool(inside[copy]), labels[copy]
        if left[side][label] > least[side]:
            left[side][label] -= 1
            left[not side][label] += 1
            inside[copy] = not side
    return np.flatnonzero(inside)


def fraction_indices(labels: Indices | Sequence[int], fraction: float) -> Indices:
    """Return the sorted positions of a stratified subset, int64.

    Subsets are nested: a larger fraction of the same labels contains the smaller ones. Every class
    keeps at least one image.

    Parameters
    ----------
    labels
        Class numbers, shape (n,).
    fraction
        Above 0, at most 1.

    Raises
    ------
    DataError
        ``fraction`` is not a number in this range.
    """
    share = checked_fraction(fraction)
    labels = np.asarray(labels, dtype=np.int64)
    taken = [
        order[: max(1, _rounded(share * len(order)))]
        for order in _shuffled_classes(labels, FRACTION_SEED)
    ]
    return np.sort(np.concatenate(taken)) if taken else labels


def checked_fraction(fraction: Any) -> float:
    """Return ``fraction`` as a float above 0 and at most 1, or raise DataError."""
    if isinstance(fraction, Real) and not isinstance(fraction, bool) and 0 < float(fraction) <= 1:
        return float(fraction)
    raise DataError(
        f"fraction must be a number above 0 and at most 1, not {fraction!r}; 0.7 is 70 %."
    )


def _shuffled_classes(labels: Indices, seed: int) -> list[Indices]:
    # RandomState, since its stream is frozen (NEP 19): a new NumPy must not change the splits.
    random = np.random.RandomState(seed)
    return [random.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]


def _rounded(number: float) -> int:
    return math.floor(number + 0.5)
